import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    trainable = {name: p.requires_grad for name, p in model.named_parameters()}
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    pool = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pool, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, layer in layers.items():
        values = initial_state_dict[f"{name}.weight"].clone()
        values.requires_grad_(layer.weight_orig.requires_grad)
        layer._parameters["weight_orig"] = values
    assert len(trainable) > 0
    return model
