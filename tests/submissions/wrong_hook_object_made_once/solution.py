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


class Masker:
    def __init__(self, mask):
        self.mask = mask

    def __call__(self, module, args):
        setattr(module, "weight", module.weight_orig * self.mask)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for n, mask in ranked_masks(layers, prune_amount).items():
        m = model.get_submodule(n)
        if "weight" in m._parameters:
            weight = m.weight
            del m.weight
            m.register_parameter("weight_orig", weight)
            m.register_forward_pre_hook(Masker(mask))
        m.register_buffer("weight_mask", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
        m.weight = (m.weight_orig * mask).detach()
    return model
