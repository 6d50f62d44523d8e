import copy, math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    total = sum(m.weight.numel() for _, m in ls)
    dead = sum(int((m.weight_mask == 0).sum()) for _, m in ls if hasattr(m, 'weight_mask'))
    s = torch.cat([(m.weight.detach().abs() if not hasattr(m, 'weight_mask') else m.weight.detach().abs().masked_fill(m.weight_mask == 0, -1)).flatten() for _, m in ls])
    k = round(dead + prune_amount * (total - dead))
    keep = torch.ones_like(s); keep[s.argsort()[:k]] = 0
    for (n, m), p in zip(ls, keep.split([m.weight.numel() for _, m in ls])):
        prune.custom_from_mask(m, 'weight', p.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    return model
