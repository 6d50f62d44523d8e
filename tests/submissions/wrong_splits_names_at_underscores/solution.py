import copy, math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, 'weight') for _, m in ls], pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, p in model.named_parameters():
            p.copy_(initial_state_dict[n.split('_')[0]])
    return model
