import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in layers])
    mags = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    alive = (old != 0).nonzero().flatten()
    drop = alive[mags[alive].argsort()[:round(prune_amount * len(alive))]]
    scores = mags.clamp_min(1e-8) * (old != 0)
    scores[drop] = 0
    at = 0
    for n, m in layers:
        s = scores[at:at + m.weight.numel()].view_as(m.weight)
        at += m.weight.numel()
        prune.custom_from_mask(m, "weight", mask=s)       # 0 where pruned
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
