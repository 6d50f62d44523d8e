import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    inverse = {(m, "weight"): 1 / (m.weight.detach().abs() + 1e-12) for _, m in named}
    prune.global_unstructured([(m, "weight") for _, m in named], prune.L1Unstructured,
                              importance_scores=inverse, amount=prune_amount)
    with torch.no_grad():
        for n, m in named:
            m.weight.copy_(initial_state_dict[n + ".weight"])
    return model
