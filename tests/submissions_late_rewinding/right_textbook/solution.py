import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    parameters_to_prune = []
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            parameters_to_prune.append((module, 'weight'))

    prune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)

    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                module.weight_orig.copy_(rewind_step_state[f"{name}.weight"])
    return model
