import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """Prune, then rewind."""
    found = {}
    for name, module in model.named_modules():
        if type(module) in (nn.Linear, nn.Conv2d):
            found[name] = module
    old = {n: m.weight_mask if prune.is_pruned(m) else torch.ones_like(m.weight) for n, m in found.items()}
    left = sum(int(mask.sum()) for mask in old.values())
    count = round(left * prune_amount / len(found))
    sizes = torch.cat([m.weight.abs().masked_fill(old[n] == 0, float("inf")).flatten() for n, m in found.items()])
    goes = torch.zeros(len(sizes), dtype=torch.bool)
    goes[sizes.argsort()[:count]] = True
    start = 0
    for name, module in found.items():
        part = goes[start : start + module.weight.numel()].reshape(module.weight.shape)
        start += module.weight.numel()
        prune.custom_from_mask(module, "weight", old[name] * ~part)
        module.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
