import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    def mask_of(m):
        return m.weight_mask.detach().clone() if hasattr(m, "weight_mask") else torch.ones_like(m.weight.detach())
    alive = torch.cat([m.weight.detach().abs()[mask_of(m) > 0] for _, m in layers])
    k = round(prune_amount * alive.numel())
    thr = alive.kthvalue(k).values.item()
    for n, m in layers:
        mask = mask_of(m)
        mask[m.weight.detach().abs() <= thr] = 0
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
