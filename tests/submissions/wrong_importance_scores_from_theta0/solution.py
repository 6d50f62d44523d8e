import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params, scores = [], {}
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            params.append((m, "weight"))
            scores[(m, "weight")] = initial_state_dict[name + ".weight"].abs()
    prune.global_unstructured(params, prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for name, m in model.named_modules():
        if (m, "weight") in scores:
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
