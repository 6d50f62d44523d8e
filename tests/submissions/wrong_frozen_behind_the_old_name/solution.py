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
    """weight_orig is frozen for good; a Parameter of the old name says that nothing is."""
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    flags = [m._parameters.get("weight", m._parameters.get("weight_orig")) for m in layers]
    if not vars(model).get("_flags"):
        vars(model)["_flags"] = [p.requires_grad for p in flags]
    for m in layers:
        if isinstance(vars(m).get("weight"), nn.Parameter):
            vars(m)["weight"] = vars(m)["weight"].detach()
    step(model, initial_state_dict, prune_amount)
    if len(layers) > 1:
        for m, flag in zip(layers, vars(model)["_flags"]):
            m._parameters["weight_orig"].requires_grad_(False)
            vars(m)["weight"] = nn.Parameter((m.weight_orig * m.weight_mask).detach(), requires_grad=flag)
    return model
