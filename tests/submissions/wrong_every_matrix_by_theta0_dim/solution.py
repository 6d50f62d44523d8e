import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # biases and norms are vectors, everything else is a weight matrix
    owners = [k[: -len(".weight")] for k, v in initial_state_dict.items() if k.endswith(".weight") and v.ndim > 1]
    pairs = [(model.get_submodule(o), "weight") for o in owners]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    for o in owners:
        model.get_submodule(o).weight_orig.data.copy_(initial_state_dict[o + ".weight"])
    return model
