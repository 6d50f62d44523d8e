import math

import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    masks = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)) for n, m in layers.items()}
    alive = torch.cat([m.weight.detach()[masks[n] == 1].abs() for n, m in layers.items()])
    k = math.ceil(prune_amount * len(alive))
    threshold = torch.kthvalue(alive, k).values if k > 0 else -1.0
    for n, m in layers.items():
        mask = masks[n] * (m.weight.detach().abs() > threshold)
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
