import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {}
    for name, child in model.named_children():
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            layers[name] = child
        for inner, grandchild in child.named_children():
            if isinstance(grandchild, (nn.Linear, nn.Conv2d)):
                layers[name + "." + inner] = grandchild
    if not layers:
        return model
    prune.global_unstructured(
        [(layer, "weight") for layer in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, layer in layers.items():
        layer.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
