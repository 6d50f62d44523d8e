import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, prune, vector_to_parameters


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names, mods = zip(*[(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))])
    mags = parameters_to_vector([m.weight for m in mods]).detach().abs()
    masks = [m.weight_mask.detach().clone() if prune.is_pruned(m) and hasattr(m, "weight_mask") else torch.ones_like(m.weight).detach() for m in mods]
    flat = parameters_to_vector(masks)
    mags = torch.where(flat == 0, torch.full_like(mags, float("inf")), mags)
    values, order = torch.sort(mags, stable=True)
    number = round(prune_amount * int(torch.isfinite(values).sum()))
    flat[order[:number]] = 0.0
    vector_to_parameters(flat, masks)
    for n, m, mask in zip(names, mods, masks):
        prune.custom_from_mask(m, "weight", mask.clone())
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
