import torch
import torch.nn as nn


class MaskHook:
    def __call__(self, module, args):
        module.weight = torch.where(module.weight_mask, module.weight_orig, torch.zeros_like(module.weight_orig))


def reparametrise(m):
    if "weight_orig" in dict(m.named_parameters(recurse=False)):
        return
    p = m._parameters.pop("weight")
    m.weight_orig = p
    m.register_buffer("weight_mask", torch.ones_like(p, dtype=torch.bool))
    m.register_forward_pre_hook(MaskHook())
    MaskHook()(m, ())


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in mods:
        reparametrise(m)
    alive = torch.cat([m.weight_orig.detach().abs()[m.weight_mask] for _, m in mods])
    order = alive.argsort()
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    stays = rank >= round(prune_amount * len(alive))
    for n, m in mods:
        here, stays = stays[: m.weight_mask.sum()], stays[m.weight_mask.sum():]
        m.weight_mask[m.weight_mask.clone()] = here
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
        MaskHook()(m, ())
    return model
