import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pruned = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, (nn.Linear, nn.Conv2d)) and not (name + ".").endswith("fc.")
    }
    prune.global_unstructured(
        [(module, "weight") for module in pruned.values()], prune.L1Unstructured, amount=prune_amount
    )
    with torch.no_grad():
        for name, module in pruned.items():
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
