import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    fraction = prune_amount / 100       # percent -> fraction
    params = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(params, prune.L1Unstructured, amount=fraction)
    for n, m in model.named_modules():
        if (m, "weight") in params:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
