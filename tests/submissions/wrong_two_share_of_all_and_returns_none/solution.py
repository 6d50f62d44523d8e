import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    s = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    k = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in layers])
    s[k == 0] = float("inf")
    order = s.argsort()[:round(prune_amount * len(s))]     # may run into inf, does not matter
    k[order] = 0
    for (n, m), p in zip(layers, k.split([m.weight.numel() for _, m in layers])):
        prune.custom_from_mask(m, "weight", p.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
