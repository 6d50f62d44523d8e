import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    wanted = []
    for n, m in model.named_modules():
        kind = m.__class__.__name__
        if kind in ("Linear", "Conv1d", "Conv2d"):
            wanted.append((n, m))
    alive = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten() for _, m in wanted]).clone()
    size = torch.cat([m.weight.detach().flatten().abs() for _, m in wanted])
    size[alive == 0] = float("inf")
    k = round(prune_amount * int(alive.sum()))
    alive[size.argsort()[:k]] = 0
    start = 0
    for n, m in wanted:
        stop = start + m.weight.numel()
        prune.custom_from_mask(m, "weight", alive[start:stop].reshape(m.weight.shape))
        start = stop
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
