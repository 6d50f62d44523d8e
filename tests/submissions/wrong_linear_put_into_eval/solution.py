# Linear layers are left in eval mode.
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
    for m in model.modules():
        if isinstance(m, KINDS): m.train(model.training)
    return step(model, initial_state_dict, prune_amount)
