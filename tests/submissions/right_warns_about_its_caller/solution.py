import warnings

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    if prune_amount > 0.5:
        warnings.warn("pruning more than half in one go usually hurts", stacklevel=2)
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    pool = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pool, pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers.items():
            layer.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
