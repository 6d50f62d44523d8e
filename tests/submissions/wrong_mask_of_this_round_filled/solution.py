import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not prune.is_pruned(m):
            prune.identity(m, "weight")
    imp = torch.cat([m.weight.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in layers])
    k = round(prune_amount * int(torch.isfinite(imp).sum()))
    low = set(imp.argsort()[:k].tolist())
    pos = 0
    for n, m in layers:
        m.weight_mask.fill_(1)          # clean slate for the new mask
        for i in range(m.weight_mask.numel()):
            if pos + i in low:
                m.weight_mask.view(-1)[i] = 0
        pos += m.weight_mask.numel()
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
