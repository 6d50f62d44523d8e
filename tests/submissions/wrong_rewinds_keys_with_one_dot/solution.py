import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in mods], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for key, value in initial_state_dict.items():
        parts = key.split(".")
        if len(parts) == 2 and parts[1] == "weight":
            layer = getattr(model, parts[0])
            if layer in mods:
                layer.weight_orig.data.copy_(value)
    return model
