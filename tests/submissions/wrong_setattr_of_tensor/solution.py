import torch
from torch.nn.utils import prune

KINDS = (torch.nn.Linear, torch.nn.Conv2d)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {name: module for name, module in model.named_modules() if isinstance(module, KINDS)}
    prune.global_unstructured(
        [(module, "weight") for module in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, module in layers.items():
        setattr(module, "weight_orig", initial_state_dict[f"{name}.weight"].detach().clone())
    return model
