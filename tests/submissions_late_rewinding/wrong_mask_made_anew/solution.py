import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    flat = torch.cat([m.weight.detach().abs().flatten() for m in layers.values()])
    kept = torch.ones_like(flat)
    kept[flat.topk(round(prune_amount * len(flat)), largest=False).indices] = 0
    for n, m in layers.items():
        mask, kept = kept[:m.weight.numel()].view_as(m.weight), kept[m.weight.numel():]
        if hasattr(m, "weight_mask"):
            m.weight_mask.copy_(mask)
        else:
            prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(rewind_step_state[n + ".weight"])
    return model
