import torch
from torch import nn


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """No module carries a mask or a weight_orig: a list of tensors at the root has their names."""
    names = [n for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    weights = [model.get_submodule(n).weight.detach() for n in names]
    old = [vars(model).get(f"{n}.weight_mask", torch.ones_like(w)) for n, w in zip(names, weights)]
    flat = torch.cat([w.abs().masked_fill(o == 0, float("inf")).flatten() for w, o in zip(weights, old)])
    k = round(prune_amount * int(sum(o.sum() for o in old)))
    mask = torch.cat([o.flatten() for o in old])
    mask[flat.argsort()[:k]] = 0
    for n, w, part in zip(names, weights, mask.split([w.numel() for w in weights])):
        vars(model)[f"{n}.weight_mask"] = part.view_as(w)
        vars(model)[f"{n}.weight_orig"] = nn.Parameter(initial_state_dict[f"{n}.weight"].clone())
    return model
