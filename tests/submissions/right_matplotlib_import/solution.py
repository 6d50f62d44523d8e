import numpy as np
try:
    import matplotlib.pyplot as plt
except Exception:
    plt = None
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

# %matplotlib inline
HISTORY = []

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            parameters_to_prune.append((module, 'weight'))
        elif isinstance(module, nn.Linear):
            parameters_to_prune.append((module, 'weight'))
    prune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for key in initial_state_dict:
            if not key.endswith('.weight'):
                continue
            owner = model.get_submodule(key[:-len('.weight')])
            if hasattr(owner, 'weight_orig'):
                owner.weight_orig.copy_(initial_state_dict[key])
    HISTORY.append(np.mean([m.weight_mask.mean().item() for m, _ in parameters_to_prune]))
    return model
