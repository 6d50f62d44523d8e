import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_orig"):
            prune.identity(m, "weight")
    flat = torch.cat([m.weight_orig.detach().abs().flatten() for _, m in layers])
    new = torch.ones_like(flat)
    new[flat.argsort()[:round(prune_amount * flat.numel())]] = 0
    i = 0
    for n, m in layers:
        m.weight_mask = new[i:i + m.weight_mask.numel()].view_as(m.weight_mask)   # new mask
        i += m.weight_mask.numel()
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
