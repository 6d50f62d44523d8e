import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class Mask:
    """computes weight before each forward"""
    def __call__(self, module, inputs):
        module.weight = module.weight_orig * module.weight_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    weights = [m._parameters.pop("weight") for _, m in layers]
    mags = torch.cat([w.detach().abs().flatten() for w in weights])
    mask = torch.ones(len(mags))
    mask[mags.argsort()[:round(prune_amount * len(mags))]] = 0
    for (n, m), w, part in zip(layers, weights, mask.split([w.numel() for w in weights])):
        m.register_parameter("weight_orig", w)
        m.register_buffer("weight_mask", part.view_as(w).to(w.dtype))
        m.register_forward_pre_hook(Mask())
        w.data.copy_(initial_state_dict[n + ".weight"])
        m.weight = w * m.weight_mask
    return model
