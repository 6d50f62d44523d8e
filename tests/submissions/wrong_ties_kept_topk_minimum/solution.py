import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    live = [getattr(m, "weight_mask", torch.ones_like(m.weight)).bool() for m in mods]
    pool = torch.cat([m.weight.detach()[a].abs() for m, a in zip(mods, live)])
    n_keep = pool.numel() - round(prune_amount * pool.numel())
    cut = pool.topk(n_keep).values.min()
    for m, a in zip(mods, live):
        prune.custom_from_mask(m, "weight", (a & ~(m.weight.detach().abs() < cut)).to(m.weight.dtype))
    for name, m in model.named_modules():
        if m in mods:
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
