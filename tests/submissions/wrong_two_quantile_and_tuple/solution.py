import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    alive = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)).bool() for n, m in layers}
    cut = torch.quantile(torch.cat([m.weight.detach().abs()[alive[n]] for n, m in layers]), prune_amount)
    masks = []
    for n, m in layers:
        masks.append((alive[n] & (m.weight.detach().abs() > cut)).to(m.weight.dtype))
        prune.custom_from_mask(m, "weight", masks[-1])
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model, masks
