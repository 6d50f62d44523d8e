import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=prune_amount)
    torch.manual_seed(0)
    with torch.no_grad():
        for m in model.modules():
            if prune.is_pruned(m) and hasattr(m, "reset_parameters"):
                m.reset_parameters()
                m.weight.mul_(m.weight_mask)
    return model
