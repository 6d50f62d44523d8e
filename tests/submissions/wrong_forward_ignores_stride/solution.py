# A forward of its own, without stride and padding.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

import torch.nn.functional as F, functools
def lin(layer, x):
    return F.linear(x, layer.weight_orig * layer.weight_mask, layer.bias)
def conv(layer, x):
    return F.conv2d(x, layer.weight_orig * layer.weight_mask, layer.bias)
def nobias(layer, x):
    return x @ (layer.weight_orig * layer.weight_mask).T + layer.bias
def cnv(layer, x):
    return layer._conv_forward(x, layer.weight_orig * layer.weight_mask, layer.bias)
def own(model, initial_state_dict, prune_amount, linear, conv2d):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    for _, m in mods:
        if not hasattr(m, "weight_orig"):
            m.weight_orig = m._parameters.pop("weight")
            m.register_buffer("weight_mask", torch.ones_like(m.weight_orig))
            m.forward = functools.partial(conv2d if isinstance(m, nn.Conv2d) else linear, m)
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in mods])
    k = round(prune_amount * int(s.isfinite().sum()))
    drop = torch.zeros_like(s, dtype=torch.bool)
    drop[s.argsort()[:k]] = True
    for (n, m), d in zip(mods, drop.split([m.weight_mask.numel() for _, m in mods])):
        m.weight_mask[d.view_as(m.weight_mask)] = 0
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return own(model, initial_state_dict, prune_amount, lin, conv)
