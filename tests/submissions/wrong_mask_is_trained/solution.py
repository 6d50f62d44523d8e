# The mask is a parameter: the optimiser brings pruned weights back.
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def multiply(m, _):
    m.weight = m.weight_orig * m.weight_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_mask"):
            weight = m.weight
            del m.weight
            m.weight_orig = weight
            m.weight_mask = nn.Parameter(torch.ones_like(weight))
            m.register_forward_pre_hook(multiply)
            m.alive = torch.ones(weight.numel(), dtype=torch.bool)
    alive = torch.cat([m.alive for _, m in layers])
    sizes = torch.cat([m.weight_orig.detach().abs().flatten() for _, m in layers])
    left = alive.nonzero().flatten()
    alive[left[sizes[left].argsort()[:round(prune_amount * len(left))]]] = False
    with torch.no_grad():
        for (n, m), kept in zip(layers, alive.split([m.alive.numel() for _, m in layers])):
            m.alive = kept
            m.weight_mask.copy_(kept.view_as(m.weight_mask))
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
            multiply(m, None)
    return model
