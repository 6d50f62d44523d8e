# A layer in which nothing is pruned is left out.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    old = [getattr(m, "weight_mask", torch.ones_like(m.weight)).detach() for _, m in layers]
    s = torch.cat([m.weight.detach().abs().masked_fill(o == 0, math.inf).flatten() for (_, m), o in zip(layers, old)])
    drop = torch.zeros_like(s, dtype=torch.bool)
    drop[s.argsort()[:round(prune_amount * int(s.isfinite().sum()))]] = True
    for (n, m), o, d in zip(layers, old, drop.split([m.weight.numel() for _, m in layers])):
        if not d.any():
            continue                      # nothing to do here
        prune.custom_from_mask(m, "weight", o * ~d.view_as(o))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
