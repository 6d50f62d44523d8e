import torch
import torch.nn as nn
from torch.nn.utils.prune import custom_from_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]

    mags, alive = [], []
    for _, m in named:
        mags.append(m.weight.detach().abs().flatten())
        if hasattr(m, "weight_mask"):
            alive.append(m.weight_mask.flatten().bool())
        else:
            alive.append(torch.ones(m.weight.numel(), dtype=torch.bool))
    mags = torch.cat(mags)
    alive = torch.cat(alive)

    k = round(prune_amount * int(alive.sum()))
    scores = mags.masked_fill(~alive, float("inf"))   # dead weights must not be chosen again
    idx = torch.topk(scores, k, largest=False).indices
    keep = alive.clone()
    keep[idx] = False

    start = 0
    for n, m in named:
        size = m.weight.numel()
        custom_from_mask(m, "weight", keep[start:start + size].view_as(m.weight))
        start += size
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
