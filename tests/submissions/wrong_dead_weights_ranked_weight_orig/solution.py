import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    stored = [(m.weight_orig if hasattr(m, "weight_orig") else m.weight).detach().abs() for _, m in layers]
    flat = torch.cat([s.flatten() for s in stored])
    keep = torch.ones(len(flat))
    keep[flat.argsort()[:round(prune_amount * len(flat))]] = 0
    at = 0
    for (n, m), s in zip(layers, stored):
        mask = keep[at:at + s.numel()].view_as(s).to(s.dtype)
        at += s.numel()
        prune.custom_from_mask(m, "weight", mask)       # torch multiplies with the old mask
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
