import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    paths = [path for path, module in model.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        [(model.get_submodule(path), 'weight') for path in paths],
        pruning_method=prune.L1Unstructured, amount=prune_amount)
    for path in paths:
        model.get_parameter(path + '.weight_orig').data.copy_(initial_state_dict[path + '.weight'])
    return model
