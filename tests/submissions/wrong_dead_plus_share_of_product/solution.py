import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """Dead weights are 0 in use, so they come first: k = dead + share. Ties with live zeros are overlooked."""
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    flat = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    dead = sum(int((m.weight_mask == 0).sum()) for _, m in layers if hasattr(m, "weight_mask"))
    k = dead + round(prune_amount * (len(flat) - dead))
    mask = torch.ones_like(flat)
    mask[flat.argsort()[:k]] = 0
    for (n, m), piece in zip(layers, mask.split([m.weight.numel() for _, m in layers])):
        if not hasattr(m, "weight_mask"):
            prune.identity(m, "weight")
        m.weight_mask.copy_(piece.view_as(m.weight_mask))     # may revive a dead weight
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
