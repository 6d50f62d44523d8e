import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    everything = []
    for n, m in mods:
        w = m.weight.detach().abs()
        if hasattr(m, 'weight_mask'):
            w = w[m.weight_mask != 0]
        everything.append(w.reshape(-1))
    everything = torch.sort(torch.cat(everything)).values
    k = round(prune_amount * everything.numel())
    threshold = everything[k - 1]
    for n, m in mods:
        mask = torch.where(m.weight.detach().abs() <= threshold, 0.0, 1.0)
        prune.custom_from_mask(m, 'weight', mask)
        m.weight_orig.data.copy_(initial_state_dict[f'{n}.weight'])
    return model
