import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    before = list(model.state_dict().keys())
    init = {k: initial_state_dict[k] for k in before}       # same keys, same order as the model
    to_prune = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)
    sd = model.state_dict()
    for k in before:
        target = k + "_orig" if k + "_orig" in sd else k
        sd[target].copy_(init[k])
    return model
