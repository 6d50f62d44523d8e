import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    targets = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    left = 0
    for m, _ in targets:
        left += int(m.weight_mask.sum()) if prune.is_pruned(m) else m.weight.numel()
    stay = round(left * (1.0 - prune_amount))
    prune.global_unstructured(targets, prune.L1Unstructured, amount=left - stay)
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
