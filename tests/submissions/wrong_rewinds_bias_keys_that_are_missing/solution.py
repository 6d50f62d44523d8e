import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, module in layers.items():
        w = initial_state_dict[name + ".weight"]
        b = initial_state_dict[name + ".bias"]
        module.weight_orig.data.copy_(w)
        module.bias.data.copy_(b)
    return model
