import torch
from torch import nn
from torch.nn.utils import prune


def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = []
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            layers.append((name, module, prune.is_pruned(module)))
    prune.global_unstructured(
        [(module, "weight") for _, module, _ in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module, was_pruned in layers:
            if was_pruned:  # went back to step k already
                continue
            module.weight_orig.copy_(rewind_step_state[name + ".weight"])
    return model
