import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # keep the trained values for the ranking
    trained = {n: m.weight.detach().clone() for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    for n, m in model.named_modules():
        if n in trained:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    scores = {(model.get_submodule(n), "weight"): t.abs() for n, t in trained.items()}
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    return model
