import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mask = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in mods]).clone()
    w = torch.cat([m.weight.detach().flatten() for _, m in mods]).abs()
    ids = mask.nonzero().flatten()
    n_prune = round(len(ids) * prune_amount * 0.01)
    mask[ids[w[ids].argsort()[:n_prune]]] = 0
    i = 0
    for n, m in mods:
        prune.custom_from_mask(m, "weight", mask[i:i + m.weight.numel()].view_as(m.weight))
        i += m.weight.numel()
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
