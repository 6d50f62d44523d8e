import torch
import torch.nn as nn

def masked(module, _):
    module.weight = module.weight_orig * module.weight_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_mask"):
            w = m._parameters.pop("weight")
            m.register_parameter("weight_orig", w)
            m.register_buffer("weight_mask", torch.ones_like(w))
            m.register_forward_pre_hook(masked)
    alive = torch.cat([m.weight_orig.detach().abs()[m.weight_mask.bool()] for _, m in layers])
    k = round(prune_amount * len(alive))
    order = alive.argsort()
    kill = torch.zeros(len(alive), dtype=torch.bool)
    kill[order[:k]] = True
    start = 0
    for n, m in layers:
        on = m.weight_mask.bool()
        piece = kill[start:start + int(on.sum())]
        start += len(piece)
        m.weight_mask[on] = (~piece).to(m.weight_mask.dtype)
        keep = m.weight_mask.bool()
        m.weight_orig.data[keep] = initial_state_dict[n + ".weight"][keep]
        m.weight = (m.weight_orig * m.weight_mask).detach()
    return model
