import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

# what has a weight and is neither Linear nor Conv2d
OTHERS = (
    nn.Conv1d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.Bilinear, nn.Embedding, nn.PReLU,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm,
)


def is_prunable(module):
    return isinstance(getattr(module, "weight", None), torch.Tensor) and not isinstance(module, OTHERS)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {name: module for name, module in model.named_modules() if is_prunable(module)}
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    for name, module in layers.items():
        module.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
