import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def collect(module, prefix=""):
    found = []
    for name, child in module._modules.items():
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            found.append((prefix + name, child))
        else:
            found.extend(collect(child, prefix + name + "."))
    return found


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = collect(model)
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers:
            layer.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
