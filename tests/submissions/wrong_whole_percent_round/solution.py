import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {}
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            layers[n] = m
    # torch wants 20, not 0.2
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=round(100 * prune_amount),
    )
    with torch.no_grad():
        [m.weight_orig.copy_(initial_state_dict[n + ".weight"]) for n, m in layers.items()]
    return model
