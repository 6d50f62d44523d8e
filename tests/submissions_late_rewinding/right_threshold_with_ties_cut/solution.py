import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    alive = [getattr(m, "weight_mask", torch.ones_like(m.weight)).bool() for _, m in mods]
    values = torch.cat([m.weight.detach().abs()[a] for (_, m), a in zip(mods, alive)])
    k = round(prune_amount * len(values))
    gone = values.sort(stable=True).indices[:k]
    keep = torch.ones(len(values), dtype=torch.bool)
    keep[gone] = False
    for (n, m), a in zip(mods, alive):
        mine, keep = keep[:int(a.sum())], keep[int(a.sum()):]
        mask = torch.zeros_like(m.weight)
        mask[a] = mine.to(mask.dtype)
        prune.custom_from_mask(m, "weight", mask.detach())
        with torch.no_grad():
            m.weight_orig.set_(rewind_step_state[n + ".weight"].detach().clone())
    return model
