# 0.7 * 45 is 31.499999999999996, and not 31.5.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def hand(model, initial_state_dict, count, score=lambda w: w.abs(), sentinel=math.inf):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    old = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in layers])
    s = torch.cat([score(m.weight.detach()).flatten() for _, m in layers]).masked_fill(old == 0, sentinel)
    k = count(old)
    new = old.clone(); new[s.argsort()[:k]] = 0
    for (n, m), part in zip(layers, new.split([m.weight.numel() for _, m in layers])):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight))
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model

from decimal import Decimal, ROUND_HALF_EVEN
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return hand(model, initial_state_dict, lambda old: int((Decimal(str(prune_amount)) * int(old.sum())).quantize(Decimal(1), ROUND_HALF_EVEN)))
