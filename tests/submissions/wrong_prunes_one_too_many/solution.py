import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    flat = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    mask = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in layers])
    order = [i for i in flat.argsort().tolist() if mask[i] == 1]
    last = round(prune_amount * len(order))
    for i in order[0:last + 1]:       # up to and including `last`
        mask[i] = 0
    pos = 0
    for n, m in layers:
        prune.custom_from_mask(m, "weight", mask[pos:pos + m.weight.numel()].view_as(m.weight))
        pos += m.weight.numel()
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
