import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    pool = torch.cat([
        (m.weight.detach()[m.weight_mask == 1] if hasattr(m, "weight_mask") else m.weight.detach().flatten()).abs()
        for _, m in mods
    ])
    q = torch.quantile(pool, prune_amount)
    for n, m in mods:
        keep = m.weight.detach().abs() > q
        prune.custom_from_mask(m, name="weight", mask=keep.float())
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
