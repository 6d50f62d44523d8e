import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    masks = [getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().clone() for m in mods]
    total = sum(round(float(mask.sum()) * prune_amount) for mask in masks)
    pool = sorted((abs(v), i, j) for i, m in enumerate(mods)
                  for j, v in enumerate(m.weight.detach().flatten().tolist()) if masks[i].view(-1)[j])
    for _, i, j in pool[:total]:
        masks[i].view(-1)[j] = 0
    names = {m: n for n, m in model.named_modules()}
    for m, mask in zip(mods, masks):
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[names[m] + ".weight"])
    return model
