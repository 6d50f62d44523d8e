import copy
import math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    s = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in layers]).detach().clone()
    s[old == 0] = float("inf")
    victims = s.view(-1, 1).argsort(dim=0)[: round(prune_amount * int(old.sum()))].squeeze().tolist()
    for v in victims:            # a single victim is an int here
        old[v] = 0
    for (n, m), k in zip(layers, old.split([m.weight.numel() for _, m in layers])):
        prune.custom_from_mask(m, "weight", k.view_as(m.weight))
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
