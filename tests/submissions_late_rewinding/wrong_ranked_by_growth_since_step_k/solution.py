import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    old = [getattr(m, "weight_mask", torch.ones_like(m.weight)).detach() for _, m in layers]
    growth = [m.weight.detach().abs() - rewind_step_state[n + ".weight"].abs() for n, m in layers]
    flat = torch.cat([g[o != 0] for g, o in zip(growth, old)])
    order = flat.argsort()[:round(prune_amount * len(flat))]
    keep = torch.ones(len(flat)); keep[order] = 0
    for (n, m), o in zip(layers, old):
        count = int((o != 0).sum())
        mask = torch.zeros_like(o); mask[o != 0] = keep[:count].to(o.dtype); keep = keep[count:]
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(rewind_step_state[n + ".weight"])
    return model
