import heapq
import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    cells = []
    masks = {}
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            masks[name] = (m.weight_mask if hasattr(m, "weight_mask") else torch.ones_like(m.weight)).detach().clone()
            for i, (v, alive) in enumerate(zip(m.weight.flatten().tolist(), masks[name].flatten().tolist())):
                if alive:
                    cells.append((abs(v), name, i))
    for _, name, i in heapq.nlargest(round(prune_amount * len(cells)), cells):
        masks[name].view(-1)[i] = 0
    for name in masks:
        m = model.get_submodule(name)
        prune.custom_from_mask(m, "weight", masks[name])
        m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
