import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mag = torch.cat([m.weight.detach().abs().flatten() for _, m in mods])
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in mods])
    n_alive = int(old.sum())
    n_keep = n_alive - round((1 - prune_amount) * n_alive)
    mag[old == 0] = -1.
    keep = torch.zeros_like(mag)
    keep[mag.topk(n_keep).indices] = 1
    for (n, m), k in zip(mods, keep.split([m.weight.numel() for _, m in mods])):
        prune.custom_from_mask(m, "weight", k.view_as(m.weight))
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
