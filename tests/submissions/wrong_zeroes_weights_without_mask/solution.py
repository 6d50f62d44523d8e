import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    mags = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    k = round(prune_amount * mags.numel())
    t = mags.sort()[0][k - 1]
    with torch.no_grad():
        for n, m in layers:
            m.weight.copy_(initial_state_dict[n + ".weight"] * (m.weight.abs() > t))
    return model
