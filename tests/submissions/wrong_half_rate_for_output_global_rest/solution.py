import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    prunable = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear) or isinstance(m, nn.Conv2d)}
    names = list(prunable)
    hidden, head = names[:-1], names[-1]
    if hidden:
        prune.global_unstructured([(prunable[n], "weight") for n in hidden], pruning_method=prune.L1Unstructured, amount=prune_amount)
    prune.l1_unstructured(prunable[head], name="weight", amount=prune_amount / 2)   # the classifier is sensitive
    with torch.no_grad():
        for n in names:
            prunable[n].weight_orig.copy_(initial_state_dict[f"{n}.weight"])
    return model
