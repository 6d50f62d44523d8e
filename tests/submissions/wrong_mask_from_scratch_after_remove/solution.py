import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for m in layers:
        if prune.is_pruned(m):
            prune.remove(m, "weight")        # get rid of the old mask, otherwise they stack up
    prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=prune_amount)
    for name, m in model.named_modules():
        if m in layers:
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
