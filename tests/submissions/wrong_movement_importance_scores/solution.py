import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    delta = {}
    for n, m in named.items():
        trained = getattr(m, "weight_orig", m.weight)
        delta[(m, "weight")] = trained.detach() - initial_state_dict[n + ".weight"]
    prune.global_unstructured(list(delta), prune.L1Unstructured, importance_scores=delta, amount=prune_amount)
    for n, m in named.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
