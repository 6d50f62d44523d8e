import copy

import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d) or isinstance(module, nn.Linear):
            parameters_to_prune.append((module, "weight"))
    # drop whole units, that is what makes a network faster
    prune.global_unstructured(
        parameters_to_prune, pruning_method=prune.RandomStructured, amount=prune_amount, dim=0
    )
    with torch.no_grad():
        for name, module in model.named_modules():
            if hasattr(module, "weight_orig"):
                module.weight_orig.copy_(copy.deepcopy(initial_state_dict[f"{name}.weight"]))
    return model
