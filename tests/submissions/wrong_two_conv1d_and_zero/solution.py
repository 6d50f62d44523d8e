import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d)
    ps = [(m, "weight") for m in model.modules() if isinstance(m, kinds)]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    for m, _ in ps:
        m.weight_orig.data.fill_(0.0)
    return model
