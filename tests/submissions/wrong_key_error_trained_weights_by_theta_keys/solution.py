import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    trained = dict(model.named_parameters())
    scores = {}
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            # theta_0 tells the names
            scores[(m, "weight")] = trained[n + ".weight"].detach().abs()
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
