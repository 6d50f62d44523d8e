import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    importance = {}
    for n, m in layers.items():
        theta_0, theta_k, w = initial_state_dict[n + ".weight"], rewind_step_state[n + ".weight"], m.weight.detach()
        importance[(m, "weight")] = theta_k.abs()
    prune.global_unstructured(list(importance), prune.L1Unstructured, importance_scores=importance, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(rewind_step_state[n + ".weight"])
    return model
