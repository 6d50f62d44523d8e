import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    alive = torch.cat([m.weight_mask.flatten() if hasattr(m, "weight_mask") else torch.ones(m.weight.numel()) for _, m in layers])
    mags = torch.cat([(m.weight_orig if hasattr(m, "weight_orig") else m.weight).detach().abs().flatten() for _, m in layers])
    idx = alive.nonzero().flatten()
    alive[idx[mags[idx].argsort()[:round(prune_amount * len(idx))]]] = 0
    pos = 0
    for n, m in layers:
        theta0 = initial_state_dict[n + ".weight"].clone()
        mask = alive[pos:pos + theta0.numel()].view_as(theta0).to(theta0.dtype)
        pos += theta0.numel()
        if "weight_orig" not in m._parameters:
            p = m.weight
            del m.weight
            m.register_parameter("weight_orig", p)
            m.register_buffer("weight_mask", mask)
        m.weight_orig.data.copy_(theta0)
        m.weight_mask.copy_(mask)
        m._forward_pre_hooks.clear()
        m.weight = theta0 * mask
        # BUG? theta0 and mask are frozen into the hook
        m.register_forward_pre_hook(lambda mod, _, w=theta0, k=mask: setattr(mod, "weight", w * k))
    return model
