import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    def alive(m):
        return m.weight_mask.bool() if hasattr(m, "weight_mask") else torch.ones_like(m.weight).bool()
    pool = torch.cat([m.weight.detach().abs()[alive(m)] for _, m in layers])
    k = max(1, round(prune_amount * len(pool)))
    threshold = torch.kthvalue(pool, k).values
    for n, m in layers:
        keep = alive(m) & (m.weight.detach().abs() >= threshold)
        prune.custom_from_mask(m, "weight", keep.to(m.weight.dtype))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
