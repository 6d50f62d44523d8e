import torch
from torch import nn
from torch.nn.utils import prune


def prunable(model):
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield name, module


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters = [(module, "weight") for _, module in prunable(model)]
    prune.global_unstructured(
        parameters, pruning_method=prune.L1Unstructured, amount=prune_amount
    )

    # switch gradients off so that the weights can be written, and on again afterwards
    for p in model.parameters():
        p.requires_grad = False
    for name, module in prunable(model):
        module.weight_orig.copy_(initial_state_dict[name + ".weight"])
    for p in model.parameters():
        p.requires_grad = True
    return model
