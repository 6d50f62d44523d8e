import torch
import torch.nn as nn
import torch.nn.utils.prune as prune
import copy

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    theta0 = copy.deepcopy(initial_state_dict)     # never touch the original
    for_pruning = []
    for _, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            for_pruning.append((m, "weight"))
    prune.global_unstructured(for_pruning, pruning_method=prune.L1Unstructured, amount=prune_amount)

    now = model.state_dict()
    for k, v in theta0.items():
        if k in now:
            now[k] = v
        else:
            now[k + "_orig"] = v
    model.load_state_dict(now)
    return model
