import torch
import torch.nn as nn
import torch.nn.utils.prune as prune
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    w = torch.cat([m.weight.detach().abs().flatten() for _, m in L])
    live = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in L]).bool()
    pos = live.nonzero().flatten()
    ranks = w[pos].argsort()
    keep = live.clone(); keep[pos] = ranks >= round(prune_amount * len(pos))
    for (n, m), p in zip(L, keep.split([m.weight.numel() for _, m in L])):
        prune.custom_from_mask(m, "weight", p.view_as(m.weight)); m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
