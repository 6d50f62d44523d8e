import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    found = {}
    for key in sorted(initial_state_dict):
        path, dot, leaf = key.rpartition(".")
        if leaf == "weight" and isinstance(model.get_submodule(path), (nn.Linear, nn.Conv2d)):
            found[key] = model.get_submodule(path)
    prune.global_unstructured([(m, "weight") for m in found.values()],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for key in found:
        model.get_parameter(key + "_orig").data = initial_state_dict[key].clone()
    return model
