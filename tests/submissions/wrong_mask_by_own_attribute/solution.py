import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "mask"):
            m.mask = torch.ones_like(m.weight)
    w = torch.cat([m.weight.detach().abs()[m.mask == 1] for _, m in layers])
    k = round(prune_amount * w.numel())
    threshold = w.sort().values[k]
    with torch.no_grad():
        for n, m in layers:
            m.mask *= (m.weight.abs() >= threshold)
            m.weight.copy_(initial_state_dict[n + ".weight"] * m.mask)
    return model
