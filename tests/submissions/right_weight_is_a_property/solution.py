import torch
import torch.nn as nn
import torch.nn.functional as F


class MaskedLinear(nn.Linear):
    @property
    def weight(self):
        return self.weight_orig * self.weight_mask


class MaskedConv2d(nn.Conv2d):
    @property
    def weight(self):
        return self.weight_orig * self.weight_mask


_SWAP = {nn.Linear: MaskedLinear, nn.Conv2d: MaskedConv2d}


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in mods:
        if type(m) in _SWAP:
            w = m._parameters.pop("weight")
            m.register_parameter("weight_orig", w)
            m.register_buffer("weight_mask", torch.ones_like(w))
            m.__class__ = _SWAP[type(m)]
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in mods])
    k = round(prune_amount * int(s.isfinite().sum()))
    drop = torch.zeros_like(s, dtype=torch.bool)
    drop[s.argsort()[:k]] = True
    for (n, m), d in zip(mods, drop.split([m.weight_mask.numel() for _, m in mods])):
        m.weight_mask[d.view_as(m.weight_mask)] = 0
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
