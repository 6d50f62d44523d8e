import torch
from torch import nn
from torch.nn.utils import prune

PRUNABLE = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {}
    for key, child in model.named_children():
        if isinstance(child, PRUNABLE):
            layers[key] = child
    prune.global_unstructured(
        tuple((m, "weight") for m in layers.values()),
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for key, m in layers.items():
            m.weight_orig[:] = initial_state_dict[f"{key}.weight"]
    return model
