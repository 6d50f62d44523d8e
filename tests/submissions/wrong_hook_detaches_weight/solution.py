import copy
import math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    def hook(module, _):
        module.weight = (module.weight_orig * module.weight_mask).detach()
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_orig"):
            m.weight_orig = m._parameters.pop("weight")
            m.register_buffer("weight_mask", torch.ones_like(m.weight_orig))
            m.register_forward_pre_hook(hook)
            hook(m, None)
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in layers])
    keep = torch.ones_like(s)
    keep[s.argsort()[: round(prune_amount * int(s.isfinite().sum()))]] = 0
    for (_, m), q in zip(layers, keep.split([m.weight_mask.numel() for _, m in layers])):
        m.weight_mask.mul_(q.view_as(m.weight_mask))
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
