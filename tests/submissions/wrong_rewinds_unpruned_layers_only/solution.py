import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    already_pruned = {n for n, m in layers if prune.is_pruned(m)}
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, module in layers:
        if name in already_pruned:
            continue  # it went back to its initial weights when it was first pruned
        module.weight_orig.data = initial_state_dict[name + ".weight"].clone()
    return model
