import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    flat = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in layers])
    idx = torch.nonzero(old).flatten()
    prune_me = torch.zeros_like(old)
    prune_me[idx[flat[idx].argsort()[: round(prune_amount * len(idx))]]] = 1     # 1 = prune
    at = 0
    for n, m in layers:
        p = prune_me[at: at + m.weight.numel()].view_as(m.weight)
        at += m.weight.numel()
        prune.custom_from_mask(m, "weight", p)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
