import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(name, mod) for name, mod in model.named_modules() if isinstance(mod, (nn.Linear, nn.Conv2d))]
    olds = [mod.weight_mask.clone() if hasattr(mod, "weight_mask") else torch.ones_like(mod.weight.data) for _, mod in layers]
    vals = [mod.weight.data.abs() for _, mod in layers]

    n_alive = int(sum(o.sum() for o in olds))
    n_dead = sum(o.numel() for o in olds) - n_alive
    n_prune = round(prune_amount * n_alive)

    # give dead ones -1 so they are first in line, and extend the quota by their number
    flat = torch.cat([torch.where(o > 0, v, -torch.ones_like(v)).view(-1) for o, v in zip(olds, vals)])
    _, order = flat.sort()
    flat_mask = torch.ones_like(flat)
    flat_mask[order[: n_dead + n_prune]] = 0

    for (name, mod), old, piece in zip(layers, olds, torch.split(flat_mask, [o.numel() for o in olds])):
        new = old * piece.view_as(old)
        if hasattr(mod, "weight_mask"):
            mod.weight_mask.mul_(new)
        else:
            prune.custom_from_mask(mod, "weight", new)
        mod.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
