import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # remember the trained magnitudes BEFORE resetting anything
    scores = {}
    pairs = []
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            scores[(module, "weight")] = module.weight.detach().clone().abs()
            pairs.append((module, "weight"))

    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            target = module.weight_orig if hasattr(module, "weight_orig") else module.weight
            target.data.copy_(initial_state_dict[name + ".weight"])

    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured,
                              importance_scores=scores, amount=prune_amount)
    return model
