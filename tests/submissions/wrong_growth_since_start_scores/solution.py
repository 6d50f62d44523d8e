import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    scores = {}
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            before = initial_state_dict[n + ".weight"].abs()
            after = m.weight.detach().abs()
            # L1Unstructured takes abs(), so shift everything above zero first
            scores[(m, "weight")] = after - before + 1000
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for n, m in model.named_modules():
        if (m, "weight") in scores:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
