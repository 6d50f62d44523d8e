import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in mods], prune.L1Unstructured, amount=prune_amount)
    inits = iter(v for k, v in initial_state_dict.items() if k.endswith("weight"))
    for m in mods:
        m.weight_orig.data.copy_(next(inits))
    return model
