import copy, math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if hasattr(m, 'weight') and m.weight.dim() > 1 and type(m) in (nn.Linear, nn.Conv2d)]
    prune.global_unstructured([(m, 'weight') for _, m in ls], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in ls: m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    return model
