import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def walk(module, prefix=""):
    for name, child in module._modules.items():
        if child is None:        # a registered place without a module
            continue
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            yield prefix + name, child
        yield from walk(child, prefix + name + ".")


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = dict(walk(model))
    prune.global_unstructured([(layer, "weight") for layer in layers.values()], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers.items():
            layer.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
