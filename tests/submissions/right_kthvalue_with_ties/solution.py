import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def _is_target(m):
    return isinstance(m, (nn.Linear, nn.Conv2d))

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = {n: m for n, m in model.named_modules() if _is_target(m)}
    old = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().clone() for n, m in mods.items()}

    survivors = torch.cat([m.weight.detach()[old[n] == 1].abs() for n, m in mods.items()])
    k = round(prune_amount * survivors.numel())
    threshold = survivors.kthvalue(k).values

    # everything strictly below goes, of those exactly at the threshold only as many as needed
    ties_left = k - int((survivors < threshold).sum())
    for n, m in mods.items():
        new = old[n].clone()
        a = m.weight.detach().abs()
        new[(a < threshold) & (old[n] == 1)] = 0
        at = ((a == threshold) & (old[n] == 1)).nonzero()
        for pos in at:
            if ties_left == 0:
                break
            new[tuple(pos.tolist())] = 0
            ties_left -= 1
        prune.custom_from_mask(m, "weight", new)
        m.weight_orig.data = initial_state_dict[n + ".weight"].clone()
    return model
