import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    vals = []
    for _, m in layers:
        w = m.weight.detach().abs()
        vals += w[m.weight_mask > 0].tolist() if hasattr(m, "weight_mask") else w.flatten().tolist()
    vals.sort()
    smallest_kept = vals[round(prune_amount * len(vals))]
    for n, m in layers:
        keep = m.weight.detach().abs() >= smallest_kept
        if hasattr(m, "weight_mask"):
            keep &= m.weight_mask > 0
        prune.custom_from_mask(m, "weight", keep.to(m.weight.dtype))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
