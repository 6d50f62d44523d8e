import torch
import torch.nn as nn

# the same reparametrisation as torch.nn.utils.prune, by hand (needs the same names!)
def _apply_mask(module, _inputs):
    module.weight = module.weight_orig * module.weight_mask

def _reparametrise(module):
    if "weight_orig" in module._parameters:
        return
    w = module.weight
    del module._parameters["weight"]
    module.register_parameter("weight_orig", w)
    module.register_buffer("weight_mask", torch.ones_like(w))
    module.weight = w * module.weight_mask
    module.register_forward_pre_hook(_apply_mask)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in mods:
        _reparametrise(m)
    alive = torch.cat([m.weight_mask.flatten() for _, m in mods]) != 0
    mag = torch.cat([m.weight_orig.detach().abs().flatten() for _, m in mods])
    idx = alive.nonzero()[:, 0]
    drop = idx[mag[idx].argsort()[:round(prune_amount * len(idx))]]
    alive[drop] = False
    for (n, m), piece in zip(mods, alive.split([m.weight_mask.numel() for _, m in mods])):
        m.weight_mask.copy_(piece.view_as(m.weight_mask))
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
        m.weight = m.weight_orig * m.weight_mask
    return model
