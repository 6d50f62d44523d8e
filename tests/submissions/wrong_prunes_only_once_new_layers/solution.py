import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    fresh = {}
    for name, mod in model.named_modules():
        if isinstance(mod, (nn.Linear, nn.Conv2d)) and "weight" in mod._parameters:
            fresh[name] = mod
    if fresh:
        prune.global_unstructured([(m, "weight") for m in fresh.values()], prune.L1Unstructured, amount=prune_amount)
        for name, mod in fresh.items():
            mod.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
