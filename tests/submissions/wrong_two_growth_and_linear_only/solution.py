import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    s = {(m, "weight"): m.weight.detach().abs() - initial_state_dict[n + ".weight"].abs() + 500 for n, m in layers.items()}
    prune.global_unstructured(list(s), prune.L1Unstructured, importance_scores=s, amount=prune_amount)
    for n, m in layers.items():
        if type(m) is nn.Linear:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
