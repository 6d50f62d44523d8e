import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    scores = {(m, "weight"): m.weight.detach().abs() / m.weight.detach().std() for m in layers.values()}
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model.train()
