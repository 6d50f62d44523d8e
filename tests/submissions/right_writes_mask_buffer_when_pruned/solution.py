import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    # make sure that every layer has a mask (identity = all ones)
    for _, m in layers:
        if not hasattr(m, "weight_mask"):
            prune.identity(m, "weight")

    mask = torch.cat([m.weight_mask.flatten() for _, m in layers])
    trained = torch.cat([m.weight_orig.detach().flatten() for _, m in layers]).abs()
    trained[mask == 0] = float("inf")
    k = round(prune_amount * int(mask.sum().item()))
    mask[trained.argsort()[:k]] = 0

    i = 0
    with torch.no_grad():
        for n, m in layers:
            j = i + m.weight_mask.numel()
            m.weight_mask.copy_(mask[i:j].reshape(m.weight_mask.shape))
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
            i = j
    return model
