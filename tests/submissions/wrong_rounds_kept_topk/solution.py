import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mags = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    mask = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in layers])
    mags[mask == 0] = -1.0
    keep = round((1 - prune_amount) * int(mask.sum()))
    new = torch.zeros_like(mask)
    new[torch.topk(mags, keep).indices] = 1
    for (n, m), part in zip(layers, new.split([m.weight.numel() for _, m in layers])):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
