import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    chosen = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in chosen], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in chosen:
        view = m.weight_orig.detach().numpy()        # shares memory with the parameter
        np.copyto(view, initial_state_dict[n + ".weight"].numpy())
    return model
