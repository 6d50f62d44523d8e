import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def walk(module, path=()):
    for name, child in module._modules.items():
        if not child:            # nothing there (any more)
            return
        if type(child) in (nn.Linear, nn.Conv2d):
            yield ".".join((*path, name)), child
        yield from walk(child, (*path, name))


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = dict(walk(model))
    prune.global_unstructured([(layer, "weight") for layer in layers.values()], prune.L1Unstructured, amount=prune_amount)
    for name, layer in layers.items():
        layer.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
