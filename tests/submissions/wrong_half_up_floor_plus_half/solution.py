import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

import math

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    remaining = sum(int(m.weight_mask.sum()) if hasattr(m, "weight_mask") else m.weight.numel() for _, m in layers)
    n_prune = math.floor(remaining * prune_amount + 0.5)
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=n_prune)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
