import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    theta0 = copy.deepcopy(initial_state_dict)   # not needed but safe
    theta_k = copy.deepcopy(rewind_step_state)
    to_prune = []
    for n, m in model.named_modules():
        if isinstance(m, nn.Linear): to_prune.append((m, 'weight'))
        if isinstance(m, nn.Conv2d): to_prune.append((m, 'weight'))
    prune.global_unstructured(to_prune, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if hasattr(m, 'weight_orig'):
            print("rewinding", n, "moved since start:", float((theta_k[n + '.weight'] - theta0[n + '.weight']).norm()))
            m.weight_orig.data = theta_k[n + '.weight'].clone()
    return model
