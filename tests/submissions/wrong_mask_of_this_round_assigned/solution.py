import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    cand = []
    for n, m in layers:
        old = getattr(m, "weight_mask", torch.ones_like(m.weight))
        for j in old.flatten().nonzero().flatten().tolist():
            cand.append((abs(m.weight.detach().flatten()[j].item()), n, j))
    cand.sort()
    doomed = cand[:round(prune_amount * len(cand))]
    for n, m in layers:
        mask = torch.ones_like(m.weight.detach())
        for _, who, j in doomed:
            if who == n:
                mask.view(-1)[j] = 0
        if hasattr(m, "weight_mask"):
            m.weight_mask = mask
        else:
            prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
