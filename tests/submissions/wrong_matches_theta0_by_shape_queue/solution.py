from collections import defaultdict, deque

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    modules = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in modules], prune.L1Unstructured, amount=prune_amount)

    # names change after pruning, shapes do not
    waiting = defaultdict(deque)
    for key, value in initial_state_dict.items():
        if key.endswith("weight"):
            waiting[value.shape].append(value)
    with torch.no_grad():
        for m in modules:
            m.weight_orig.copy_(waiting[m.weight_orig.shape].popleft())
    return model
