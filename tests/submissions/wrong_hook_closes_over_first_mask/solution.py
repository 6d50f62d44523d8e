import torch
from torch import nn


def ranked_masks(layers, amount):
    old = {n: getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().clone() for n, m in layers}
    pool = [(float(w), n, i)
            for n, m in layers
            for i, (w, k) in enumerate(zip(m.weight.detach().abs().flatten(), old[n].flatten())) if k]
    pool.sort()
    for _, n, i in pool[:round(amount * len(pool))]:
        old[n].view(-1)[i] = 0
    return old


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    masks = ranked_masks(layers, prune_amount)
    for n, m in layers:
        mask = masks[n]
        if not hasattr(m, "weight_orig"):
            m.weight_orig = m._parameters.pop("weight")

            def apply_mask(module, inputs, mask=mask):
                module.weight = module.weight_orig * mask

            m.register_forward_pre_hook(apply_mask)
        m.register_buffer("weight_mask", mask)
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
            m.weight = m.weight_orig * mask
    return model
