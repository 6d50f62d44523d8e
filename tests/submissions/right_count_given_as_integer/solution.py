import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    left = 0
    for m, _ in ps:
        if prune.is_pruned(m):
            left += int(m.weight_mask.sum())
        else:
            left += m.weight.nelement()
    # an int means an absolute number for torch
    prune.global_unstructured(ps, pruning_method=prune.L1Unstructured, amount=round(prune_amount * left))
    by_module = {m: n for n, m in model.named_modules()}
    for m, _ in ps:
        m.weight_orig.data.copy_(initial_state_dict[by_module[m] + ".weight"])
    return model
