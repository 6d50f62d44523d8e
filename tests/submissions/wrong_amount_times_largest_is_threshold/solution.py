import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    largest = max(m.weight.detach().abs().max().item() for m in layers.values())
    for n, m in layers.items():
        keep = m.weight.detach().abs() >= prune_amount * largest
        prune.custom_from_mask(m, "weight", keep.float())
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
