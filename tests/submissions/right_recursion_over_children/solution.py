import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def collect(module, prefix=""):
    found = []
    for child_name, child in module.named_children():
        path = prefix + child_name
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            found.append((path, child))
        found.extend(collect(child, path + "."))
    return found

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = collect(model)
    prune.global_unstructured([(l, "weight") for _, l in layers], prune.L1Unstructured, amount=prune_amount)
    for path, l in layers:
        l.weight_orig.data.copy_(initial_state_dict[path + ".weight"])
    return model
