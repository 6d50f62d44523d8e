import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    total = sum(m.weight.nelement() for m, _ in params)
    left = sum(int((m.weight_mask == 1).sum()) if hasattr(m, "weight_mask") else m.weight.nelement() for m, _ in params)
    k = min(round(prune_amount * total), left)
    prune.global_unstructured(params, prune.L1Unstructured, amount=k)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
