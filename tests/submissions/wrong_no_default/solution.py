import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def prunable(model):
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield name, module


def find_winning_ticket_step(model, initial_state_dict, prune_amount):
    prune.global_unstructured([(m, "weight") for _, m in prunable(model)],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, module in prunable(model):
        module.weight_orig.data = initial_state_dict[name + ".weight"].clone()
    return model
