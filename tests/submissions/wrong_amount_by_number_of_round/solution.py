import torch
from torch import nn
from torch.nn.utils import prune


def amount_in(number, amount):
    return amount if number == 1 else 1 - (1 - amount) ** number


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.rounds_so_far = getattr(model, "rounds_so_far", 0) + 1
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    old = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)) for n, m in layers.items()}
    sizes = torch.cat(
        [m.weight.detach().abs().masked_fill(old[n] == 0, torch.inf).flatten() for n, m in layers.items()]
    )
    remaining = int(sum(mask.sum() for mask in old.values()))
    count = round(amount_in(model.rounds_so_far, prune_amount) * remaining)
    keep = torch.ones_like(sizes)
    keep[sizes.topk(count, largest=False).indices] = 0
    parts = keep.split([m.weight.numel() for m in layers.values()])
    for (n, m), part in zip(layers.items(), parts):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight) * old[n])
        m.weight_orig.data.copy_(initial_state_dict[f"{n}.weight"])
    return model
