import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names, mods = [], []
    for n, m in model.named_modules():
        if isinstance(m, nn.Linear | nn.Conv2d):
            names.append(n)
            mods.append(m)
    prune.global_unstructured([(m, "weight") for m in mods], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        torch._foreach_copy_([m.weight_orig for m in mods], [initial_state_dict[n + ".weight"] for n in names])
    return model
