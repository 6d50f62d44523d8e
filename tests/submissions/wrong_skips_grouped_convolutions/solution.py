# Convolutions in groups are left out.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def on(model, initial_state_dict, prune_amount, wanted):
    layers = [(n, m) for n, m in model.named_modules() if wanted(m)]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return on(model, initial_state_dict, prune_amount, lambda m: isinstance(m, nn.Linear) or isinstance(m, nn.Conv2d) and m.groups == 1)
