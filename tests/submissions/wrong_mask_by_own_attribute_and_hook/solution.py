import torch
import torch.nn as nn

def apply_mask(module, inputs):
    with torch.no_grad():
        module.weight *= module.pruning_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "pruning_mask"):
            m.register_buffer("pruning_mask", torch.ones_like(m.weight))
            m.register_forward_pre_hook(apply_mask)
    scores = torch.cat([m.weight.detach().abs().masked_fill(m.pruning_mask == 0, float("inf")).flatten()
                        for _, m in layers])
    left = int(sum(m.pruning_mask.sum() for _, m in layers))
    keep = torch.ones_like(scores)
    keep[scores.argsort()[:round(prune_amount * left)]] = 0
    at = 0
    for n, m in layers:
        size = m.weight.numel()
        m.pruning_mask.mul_(keep[at:at + size].view_as(m.weight))
        at += size
        m.weight.data.copy_(initial_state_dict[n + ".weight"])
    return model
