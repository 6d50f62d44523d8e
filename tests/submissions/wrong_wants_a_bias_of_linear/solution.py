# A Linear may come without a bias.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def step(model, initial_state_dict, prune_amount=0.2, kinds=KINDS):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, kinds)]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    step(model, initial_state_dict, prune_amount)
    for n, m in model.named_modules():
        if isinstance(m, nn.Linear):
            m.bias.data.copy_(initial_state_dict[n + ".bias"])
        elif isinstance(m, nn.Conv2d) and m.bias is not None:
            m.bias.data.copy_(initial_state_dict[n + ".bias"])
    return model
