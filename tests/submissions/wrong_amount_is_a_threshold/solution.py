import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    with torch.no_grad():
        for n, m in model.named_modules():
            if isinstance(m, (nn.Linear, nn.Conv2d)):
                big_enough = m.weight.abs() > prune_amount      # small weights go
                prune.custom_from_mask(m, "weight", big_enough)
                m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
