import torch
import torch.nn as nn


def hook(module, inputs, output):
    module.weight = module.weight_orig * module.weight_mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_orig"):
            w = m._parameters.pop("weight")
            m.register_parameter("weight_orig", w)
            m.register_buffer("weight_mask", torch.ones_like(w))
            m.register_forward_hook(hook)                      # after forward: always one step late
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in layers])
    k = round(prune_amount * int(s.isfinite().sum()))
    keep = torch.ones_like(s)
    keep[s.argsort()[:k]] = 0
    for (n, m), p in zip(layers, keep.split([m.weight_mask.numel() for _, m in layers])):
        m.weight_mask.mul_(p.view_as(m.weight_mask))
        m.weight = m.weight_orig * m.weight_mask               # trained values are used in the next forward
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
