import torch
import math
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = []
    left = 0
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            params.append((m, "weight"))
            left += int(torch.count_nonzero(m.weight_mask)) if hasattr(m, "weight_mask") else m.weight.nelement()
    amount = math.ceil(left * prune_amount)   # at least one
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=amount)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            with torch.no_grad():
                m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
