import torch
from torch import nn
from torch.nn.utils import prune
import itertools

KINDS = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    slots = [(n, m, p) for (n, m), p in itertools.product(named, ["weight", "bias"]) if getattr(m, p) is not None]
    vals = [getattr(m, p).detach().abs() for _, m, p in slots]
    olds = [getattr(m, p + "_mask", torch.ones_like(v)) for (_, m, p), v in zip(slots, vals)]
    flat = torch.cat([torch.where(o > 0, v, torch.full_like(v, torch.inf)).flatten() for v, o in zip(vals, olds)])
    k = round(prune_amount * flat.isfinite().sum().item())
    cut = torch.zeros_like(flat, dtype=torch.bool)
    cut[flat.argsort()[:k]] = True
    i = 0
    for (n, m, p), v, o in zip(slots, vals, olds):
        c = cut[i:i + v.numel()].view_as(v); i += v.numel()
        prune.custom_from_mask(m, p, o * (~c))
        with torch.no_grad():
            getattr(m, p + "_orig").copy_(initial_state_dict[f"{n}.{p}"])
    return model
