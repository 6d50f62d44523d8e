import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    masks, sizes = {}, []
    for name, layer in layers.items():
        mask = getattr(layer, "weight_mask", torch.ones_like(layer.weight))
        size = layer.weight.detach().abs().double().masked_fill(mask == 0, -1.0)
        size.view(-1)[size.argmax()] = 1e30  # no layer may die: nothing would flow any more
        masks[name] = mask
        sizes.append(size.masked_fill(mask == 0, float("inf")).flatten())
    pool = torch.cat(sizes)
    count = round(prune_amount * sum(int(mask.sum()) for mask in masks.values()))
    goes = torch.zeros(pool.numel(), dtype=torch.bool)
    goes[pool.topk(count, largest=False).indices] = True
    for (name, layer), part in zip(layers.items(), goes.split([m.numel() for m in masks.values()])):
        prune.custom_from_mask(layer, "weight", masks[name] * ~part.view_as(masks[name]))
        layer.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
