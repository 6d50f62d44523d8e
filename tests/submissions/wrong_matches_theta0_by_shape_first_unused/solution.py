import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(params, prune.L1Unstructured, amount=prune_amount)
    used = set()
    for m, _ in params:
        for key, theta in initial_state_dict.items():
            if key not in used and theta.shape == m.weight_orig.shape:
                m.weight_orig.data = theta.clone()
                used.add(key)
                break
    return model
