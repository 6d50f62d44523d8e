import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2, eps=1e-8):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    scores = {}
    for _, m in layers:
        w = m.weight.detach().abs()
        scores[(m, "weight")] = w / (w.max() + eps)      # layers differ in scale
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
