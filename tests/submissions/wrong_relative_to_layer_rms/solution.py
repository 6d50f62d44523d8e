import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def rms(t):
    return t.pow(2).mean().sqrt()

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    importance = {(m, "weight"): m.weight.detach().abs() / rms(m.weight.detach()) for m in layers.values()}
    prune.global_unstructured(importance.keys(), prune.L1Unstructured,
                              importance_scores=importance, amount=prune_amount)
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
