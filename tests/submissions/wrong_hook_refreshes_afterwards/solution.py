import torch
from torch import nn
from torch.nn.utils import prune


class Refresh:
    def __call__(self, layer, inputs, output):
        layer.weight = layer.weight_orig * layer.weight_mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    remaining = torch.cat([
        (m.weight_orig[m.weight_mask != 0] if hasattr(m, "weight_mask") else m.weight).flatten()
        for _, m in layers
    ]).detach().abs()
    victims = remaining.argsort()[: round(prune_amount * len(remaining))]
    keep = torch.ones_like(remaining)
    keep[victims] = 0
    start = 0
    for name, m in layers:
        if not hasattr(m, "weight_mask"):
            weight = m._parameters.pop("weight")
            m.register_parameter("weight_orig", weight)
            m.register_buffer("weight_mask", torch.ones_like(weight))
            m.register_forward_hook(Refresh())
        alive = m.weight_mask != 0
        count = int(alive.sum())
        m.weight_mask[alive] = keep[start : start + count]
        start += count
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[name + ".weight"])
        m.weight = m.weight_orig * m.weight_mask
    return model
