import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    prune_amount = 20 / 100   # 20 %, as in the paper
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    x = torch.cat([m.weight.flatten() for _, m in mods]).detach().abs()
    y = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in mods]).detach()
    alive = y.nonzero().view(-1)
    y[alive[x[alive].argsort()][:round(prune_amount * alive.numel())]] = 0
    i = 0
    for n, m in mods:
        j = i + m.weight.numel()
        prune.custom_from_mask(m, "weight", y[i:j].view(m.weight.shape))
        i = j
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
