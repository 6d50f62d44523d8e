import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_orig"):
            m.register_parameter("weight_orig", m.weight)      # second name for the same parameter
            m.register_buffer("weight_mask", torch.ones_like(m.weight))
    mask = torch.cat([m.weight_mask.flatten() for _, m in layers])
    vals = torch.cat([m.weight_orig.detach().abs().flatten() for _, m in layers])
    alive = mask.nonzero().flatten()
    mask[alive[vals[alive].argsort()[:round(prune_amount * len(alive))]]] = 0
    for (n, m), part in zip(layers, mask.split([m.weight.numel() for _, m in layers])):
        m.weight_mask.copy_(part.view_as(m.weight_mask))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
