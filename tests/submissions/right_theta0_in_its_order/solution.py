import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = [n + ".weight" for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mods = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in mods], prune.L1Unstructured, amount=prune_amount)
    inits = [v for k, v in initial_state_dict.items() if k in names]
    for m, w0 in zip(mods, inits):
        if m.weight_orig.shape == w0.shape:
            m.weight_orig.data.copy_(w0)
    return model
