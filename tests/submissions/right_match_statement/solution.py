import torch
from torch import nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    jobs = []
    for name, layer in model.named_modules():
        match layer:
            case nn.Linear() | nn.Conv2d():
                jobs.append((name, layer))
            case _:
                pass
    prune.global_unstructured([(layer, "weight") for name, layer in jobs],
                              pruning_method=prune.L1Unstructured,
                              amount=prune_amount)
    for name, layer in jobs:
        match initial_state_dict.get(f"{name}.weight"):
            case None:
                raise KeyError(name)
            case start:
                layer.weight_orig.data[:] = start
    return model
