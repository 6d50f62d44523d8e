import bisect
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    def live(m):
        return m.weight_mask == 1 if hasattr(m, "weight_mask") else torch.ones(m.weight.shape, dtype=torch.bool)
    ordered = sorted(v for _, m in L for v in m.weight.detach()[live(m)].abs().tolist())
    k = round(len(ordered) * prune_amount)
    cut = ordered[k - 1]
    allowed_at_cut = k - bisect.bisect_left(ordered, cut)
    for n, m in L:
        a = m.weight.detach().abs().double()
        ok = live(m)
        mask = ok & ~(a < cut)
        at = (ok & (a == cut)).flatten().nonzero().flatten()[:allowed_at_cut]
        mask.view(-1)[at] = False
        allowed_at_cut -= len(at)
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
