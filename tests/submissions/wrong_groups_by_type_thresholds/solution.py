import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

from collections import defaultdict

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    groups = defaultdict(list)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            groups[type(m).__name__].append((n, m))
    for kind, members in groups.items():
        vals = torch.cat([m.weight.detach().abs().flatten() for _, m in members])
        live = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in members])
        idx = torch.nonzero(live).squeeze(1)
        k = round(prune_amount * len(idx))
        live[idx[torch.argsort(vals[idx])[:k]]] = 0
        for (n, m), part in zip(members, live.split([m.weight.numel() for _, m in members])):
            prune.custom_from_mask(m, "weight", part.view_as(m.weight))
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
