import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

SETTINGS = {"rate": 0.1}


def find_winning_ticket_step(model, initial_state_dict, prune_amount=None):
    rate = SETTINGS["rate"] if prune_amount is None else prune_amount
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()], pruning_method=prune.L1Unstructured, amount=rate
    )
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
