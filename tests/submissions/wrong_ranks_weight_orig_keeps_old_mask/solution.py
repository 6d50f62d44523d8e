import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not prune.is_pruned(m):
            prune.identity(m, "weight")
    left = int(sum(m.weight_mask.sum() for _, m in layers))
    stored = np.concatenate([m.weight_orig.detach().abs().numpy().ravel() for _, m in layers])
    doomed = set(np.argsort(stored)[:round(prune_amount * left)].tolist())
    at = 0
    for n, m in layers:
        mask = m.weight_mask.clone().flatten()
        for i in range(mask.numel()):
            if at + i in doomed:
                mask[i] = 0
        at += mask.numel()
        m.weight_mask.copy_(mask.view_as(m.weight_mask))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
