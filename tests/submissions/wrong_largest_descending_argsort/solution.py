import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mags = torch.cat([m.weight.abs().flatten() for _, m in mods]).detach()
    ok = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in mods]).bool()
    idx = torch.argsort(mags, descending=True)
    idx = idx[ok[idx]]
    n = round(len(idx) * prune_amount)
    ok[idx[:n]] = False
    start = 0
    for name, m in mods:
        end = start + m.weight.numel()
        prune.custom_from_mask(m, "weight", ok[start:end].view(m.weight.shape).to(m.weight.dtype))
        start = end
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
