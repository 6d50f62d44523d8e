import torch
from torch import nn
from torch.nn.utils import prune
import torch.nn.functional as F
import types


def step(model, initial_state_dict, prune_amount):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module in layers:
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return layers


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """weight_orig is a buffer, and no nn.Parameter but by a flag."""
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for m in layers:
        if "weight_orig" in m._buffers:
            m.register_parameter("weight_orig", nn.Parameter(m._buffers.pop("weight_orig").detach()))
    step(model, initial_state_dict, prune_amount)
    if len(layers) > 1:
        for m in layers:
            p = m._parameters.pop("weight_orig")
            flag = p.requires_grad
            t = p.detach().clone()
            t._is_param = True
            m.register_buffer("weight_orig", t)
            t.requires_grad_(flag)
    return model
