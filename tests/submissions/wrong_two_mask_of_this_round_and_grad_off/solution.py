import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    torch.set_grad_enabled(False)
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    imp = torch.cat([m.weight.abs().masked_fill(getattr(m, "weight_mask", torch.ones_like(m.weight)) == 0, float("inf")).flatten() for _, m in layers])
    k = round(prune_amount * int(torch.isfinite(imp).sum()))
    new = torch.ones(len(imp))
    new[imp.argsort()[:k]] = 0
    for (n, m), part in zip(layers, new.split([m.weight.numel() for _, m in layers])):
        mask = part.view_as(m.weight).to(m.weight.dtype)
        if hasattr(m, "weight_mask"):
            m.weight_mask.copy_(mask)
        else:
            prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
