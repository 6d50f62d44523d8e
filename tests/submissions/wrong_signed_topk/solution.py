import torch
import torch.nn as nn
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    w = torch.cat([m.weight.detach().view(-1) for _, m in L])
    mk = torch.cat([m.weight_mask.view(-1) if hasattr(m, 'weight_mask') else torch.ones(m.weight.numel()) for _, m in L])
    alive = (mk == 1).nonzero().squeeze(1)
    k = round(prune_amount * alive.numel())
    lowest = torch.topk(w[alive], k, largest=False).indices
    mk[alive[lowest]] = 0
    for (n, m), part in zip(L, torch.split(mk, [m.weight.numel() for _, m in L])):
        prune.custom_from_mask(m, 'weight', part.view(m.weight.shape))
        m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    return model
