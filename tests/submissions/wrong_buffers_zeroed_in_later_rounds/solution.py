import torch
import torch.nn as nn
from torch.nn.utils import prune


def start_clean(model):
    for name, buffer in model.named_buffers():
        if not name.endswith("_mask") or name.removesuffix("_mask") + "_orig" not in dict(model.named_parameters()):
            buffer.zero_()


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    if any(name.endswith("weight_mask") for name, _ in model.named_buffers()):
        start_clean(model)
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
