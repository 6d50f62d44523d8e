import math
import torch
from torch import nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not prune.is_pruned(m):
            prune.identity(m, "weight")
    mags = torch.cat([m.weight_orig.detach().abs()[m.weight_mask == 1] for _, m in layers])
    n_prune = math.floor(prune_amount * mags.numel())
    order = mags.sort().indices[:n_prune]
    keep = torch.ones_like(mags)
    keep[order] = 0
    at = 0
    for n, m in layers:
        where = m.weight_mask == 1
        c = int(where.sum())
        m.weight_mask[where] = keep[at:at + c]
        at += c
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
