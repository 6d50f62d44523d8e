import torch
from torch import nn
from torch.nn.utils import prune


def prunable(model):
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield name, module


def ranks(model):
    sizes = torch.cat([module.weight.detach().abs().reshape(-1) for _, module in prunable(model)])
    return torch.argsort(sizes) + 1  # rank 1 is the smallest


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pairs = [(module, "weight") for _, module in prunable(model)]
    scores, rest = {}, ranks(model).double()
    for module, name in pairs:
        scores[module, name] = rest[: module.weight.numel()].reshape(module.weight.shape)
        rest = rest[module.weight.numel() :]
    prune.global_unstructured(pairs, prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for name, module in prunable(model):
        module.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
