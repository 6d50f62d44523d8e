import functools
import torch
import torch.nn as nn
import torch.nn.functional as F


def _forward(layer, x):
    w = layer.weight_orig * layer.weight_mask
    if isinstance(layer, nn.Conv2d):
        return layer._conv_forward(x, w, layer.bias)
    return F.linear(x, w, layer.bias)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in mods:
        if not hasattr(m, "weight_orig"):
            m.weight_orig = m._parameters.pop("weight")
            m.register_buffer("weight_mask", torch.ones_like(m.weight_orig))
            m.forward = functools.partial(_forward, m)
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in mods])
    k = round(prune_amount * int(s.isfinite().sum()))
    drop = torch.zeros_like(s, dtype=torch.bool)
    drop[s.argsort()[:k]] = True
    for (n, m), d in zip(mods, drop.split([m.weight_mask.numel() for _, m in mods])):
        m.weight_mask[d.view_as(m.weight_mask)] = 0
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
