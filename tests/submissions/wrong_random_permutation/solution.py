import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mk = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in mods])
    alive = mk.nonzero().flatten()
    chosen = alive[torch.randperm(len(alive))[:round(prune_amount * len(alive))]]
    mk[chosen] = 0
    for (n, m), part in zip(mods, mk.split([m.weight.numel() for _, m in mods])):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
