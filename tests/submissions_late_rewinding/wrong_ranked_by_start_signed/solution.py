import torch
import torch.nn as nn
import torch.nn.utils.prune as prune
import copy

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for n, m in L:
        if not hasattr(m, "weight_mask"):
            prune.identity(m, "weight")
    pool = []
    for n, m in L:
        k, z, w = rewind_step_state[n + ".weight"], initial_state_dict[n + ".weight"], m.weight_orig.detach()
        pool.append((z)[m.weight_mask.bool()])
    flat = torch.cat(pool)
    keep = torch.ones(len(flat)); keep[flat.argsort()[: round(prune_amount * len(flat))]] = 0
    i = 0
    with torch.no_grad():
        for n, m in L:
            alive = m.weight_mask.bool(); c = int(alive.sum())
            m.weight_mask[alive] = keep[i:i + c].to(m.weight_mask.dtype); i += c
            k, z = rewind_step_state[n + ".weight"], initial_state_dict[n + ".weight"]
            m.weight_orig.copy_(k)
    return model
