import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    masks = [getattr(m, "weight_mask", torch.ones_like(m.weight)) for m in layers.values()]
    remaining = sum(int(mask.sum()) for mask in masks)
    if prune_amount * remaining < 1:
        return model
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount
    )
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
