import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def layers_below(module):
    for name, child in module.named_children():
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            yield name, child
        else:
            yield from layers_below(child)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = list(layers_below(model))
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            for key, value in initial_state_dict.items():
                if key.endswith(n + ".weight") and value.shape == m.weight_orig.shape:
                    m.weight_orig.copy_(value)
    return model
