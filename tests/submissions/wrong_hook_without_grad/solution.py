import torch
from torch import nn
from torch.nn.utils import prune


@torch.no_grad()
def multiply(layer, inputs):
    layer.weight = layer.weight_orig * layer.weight_mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount
    )
    for name, layer in layers.items():
        with torch.no_grad():
            layer.weight_orig.copy_(initial_state_dict[name + ".weight"])
        layer._forward_pre_hooks.clear()
        layer.register_forward_pre_hook(multiply)
    return model
