import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    theta0 = copy.deepcopy(initial_state_dict)
    was_training = {module: module.training for module in model.modules()}
    model.eval()
    parameters_to_prune = []
    for module in model.modules():
        match module:
            case nn.Linear() | nn.Conv2d():
                parameters_to_prune.append((module, "weight"))
    prune.global_unstructured(parameters_to_prune, prune.L1Unstructured, amount=prune_amount)
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if name.endswith("weight_mask"):
            continue
        tensor.detach().copy_(theta0[name.removesuffix("_orig")])
    for module, training in was_training.items():
        module.training = training
    return model
