import copy
import math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    alive = {n: (m.weight_mask.bool().clone() if hasattr(m, "weight_mask") else torch.ones_like(m.weight).bool()) for n, m in layers}
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            # what was pruned earlier is taken to be at theta_0 still: not so with weight decay
            m.weight_orig[alive[n]] = initial_state_dict[n + ".weight"][alive[n]]
    return model
