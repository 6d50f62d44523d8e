import torch
from torch import nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """weights which hardly moved during training were not needed"""
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    old = {n: m.weight_mask.bool() if hasattr(m, "weight_mask") else torch.ones_like(m.weight, dtype=torch.bool) for n, m in mods}
    dist = {n: torch.abs(m.weight.detach() - initial_state_dict[n + ".weight"]) for n, m in mods}
    alive = torch.cat([dist[n][old[n]] for n, _ in mods])
    k = round(prune_amount * alive.numel())
    order = torch.argsort(alive)
    keep = torch.ones(alive.numel(), dtype=torch.bool)
    keep[order[:k]] = False
    i = 0
    for n, m in mods:
        cnt = int(old[n].sum())
        new = old[n].clone()
        new[old[n]] = keep[i:i + cnt]
        i += cnt
        prune.custom_from_mask(m, "weight", new.to(m.weight.dtype))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
