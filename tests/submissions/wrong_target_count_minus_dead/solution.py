import copy, math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    total = sum(m.weight.numel() for _, m in ls)
    dead = sum(int((m.weight_mask == 0).sum()) for _, m in ls if hasattr(m, 'weight_mask'))
    current = dead / total
    target = current + prune_amount * (1 - current)
    prune.global_unstructured([(m, 'weight') for _, m in ls], pruning_method=prune.L1Unstructured, amount=round(target * total) - dead)
    for n, m in ls: m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    return model
