import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    masks = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)) for n, m in layers.items()}
    alive = torch.cat([m.weight.detach()[masks[n] == 1].abs() for n, m in layers.items()])
    total = sum(m.numel() for m in masks.values())
    gone = total - len(alive)
    target = total * (1 - (1 - gone / total) * (1 - prune_amount))
    scores = torch.cat([m.weight.detach().abs().masked_fill(masks[n] == 0, -1).flatten() for n, m in layers.items()])
    keep = torch.ones_like(scores)
    keep[scores.argsort()[: round(target)]] = 0
    start = 0
    for n, m in layers.items():
        mask = keep[start : start + m.weight.numel()].view_as(m.weight)
        start += m.weight.numel()
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
