import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    sizes = [m.weight.detach().abs() for _, m in layers]
    threshold = prune_amount * torch.cat([s.flatten() for s in sizes]).mean()
    for (n, m), s in zip(layers, sizes):
        prune.custom_from_mask(m, "weight", s >= threshold)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
