import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def prunable(model):
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield name, module, "weight"


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pairs = [(module, attr) for _, module, attr in prunable(model)]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    gen = prunable(model)
    while True:
        try:
            name, module, attr = next(gen)
        except StopIteration:
            break
        getattr(module, f"{attr}_orig").detach().copy_(initial_state_dict[f"{name}.{attr}"])
    return model
