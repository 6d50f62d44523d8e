import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    vals, alive = [], []
    for n, m in L:
        vals.append(m.weight.detach().abs().flatten())
        alive.append(m.weight_mask.flatten() > 0 if hasattr(m, "weight_mask") else torch.ones(m.weight.numel()) > 0)
    vals, alive = torch.cat(vals), torch.cat(alive)
    vals = vals.masked_fill(~alive, -1)
    n_keep = int((1 - prune_amount) * alive.sum().item())     # survivors
    best = vals.topk(n_keep).indices
    mask = torch.zeros_like(vals)
    mask[best] = 1
    i = 0
    for n, m in L:
        num = m.weight.numel()
        prune.custom_from_mask(m, "weight", mask[i:i+num].view(m.weight.size()))
        i += num
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
