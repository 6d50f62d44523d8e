import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    remaining = 0
    for _, m in layers:
        remaining += int(m.weight_mask.sum()) if hasattr(m, "weight_mask") else m.weight.numel()
        if m.bias is not None:
            remaining += m.bias.numel()        # the bias belongs to the layer
    cat = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in layers]).clone()
    cat[old == 0] = 1e9
    old[cat.argsort()[: min(round(prune_amount * remaining), int(old.sum()))]] = 0
    for (n, m), part in zip(layers, old.split([m.weight.numel() for _, m in layers])):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
