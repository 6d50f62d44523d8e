import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for n, m in mods:
        # in round 2 it has to be a parameter again for torch
        if hasattr(m, "weight_orig") and "weight_orig" not in m._parameters:
            w = m.weight_orig
            del m.weight_orig
            m.register_parameter("weight_orig", nn.Parameter(w))
    prune.global_unstructured([(m, "weight") for _, m in mods], prune.L1Unstructured, amount=prune_amount)
    for n, m in mods:
        del m.weight_orig
        m.weight_orig = initial_state_dict[n + ".weight"].clone()
    return model
