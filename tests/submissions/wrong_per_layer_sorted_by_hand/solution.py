import torch
from torch import nn
from torch.nn.utils import prune

def layer_mask(w, old, frac):
    """0/1 mask of a single layer"""
    alive = old.flatten().nonzero().flatten()
    n = round(frac * len(alive))
    mags = w.detach().abs().flatten()[alive]
    _, order = torch.sort(mags)
    m = old.clone().flatten()
    m[alive[order[:n]]] = 0
    return m.view_as(w)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for n, m in model.named_modules():
        if not isinstance(m, (nn.Linear, nn.Conv2d)): continue
        old = m.weight_mask if prune.is_pruned(m) else torch.ones_like(m.weight)
        new = layer_mask(m.weight, old.detach(), prune_amount)
        prune.custom_from_mask(m, "weight", new)
        with torch.no_grad():
            m.weight_orig[:] = initial_state_dict[f"{n}.weight"]
    return model
