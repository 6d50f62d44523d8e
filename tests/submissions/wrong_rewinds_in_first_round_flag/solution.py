import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    first_round = not any(key.endswith("weight_mask") for key in model.state_dict())

    parameters_to_prune = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d) or isinstance(module, nn.Linear):
            parameters_to_prune.append((module, "weight"))
    prune.global_unstructured(
        parameters_to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount
    )

    if first_round:
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("weight_orig"):
                    parameter.copy_(initial_state_dict[name.replace("weight_orig", "weight")])
    return model
