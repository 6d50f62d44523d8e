import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            prune.ln_structured(m, "weight", amount=prune_amount, n=1, dim=0)
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
