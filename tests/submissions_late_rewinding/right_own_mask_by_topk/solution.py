import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def prunable(model):
    return [(n, m) for n, m in model.named_modules() if type(m) in (nn.Linear, nn.Conv2d)]


def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    masks, scores = [], []
    for _, m in prunable(model):
        old = m.weight_mask.clone() if prune.is_pruned(m) and hasattr(m, "weight_mask") else torch.ones_like(m.weight)
        masks.append(old)
        s = m.weight.detach().abs().double()
        s[old == 0] = float("inf")
        scores.append(s.flatten())
    scores = torch.cat(scores)
    left = int(torch.isfinite(scores).sum())
    k = round(prune_amount * left)
    drop = torch.zeros_like(scores, dtype=torch.bool)
    drop[torch.topk(scores, k, largest=False).indices] = True
    start = 0
    for (name, m), mask in zip(prunable(model), masks):
        part = drop[start:start + mask.numel()].view_as(mask)
        start += mask.numel()
        mask[part] = 0
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(rewind_step_state[name + ".weight"])
    return model
