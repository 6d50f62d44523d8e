import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    targets = [(name, mod) for name, mod in model.named_modules()
               if isinstance(mod, (nn.Linear, nn.Conv2d))]
    flat_w = torch.cat([mod.weight.detach().reshape(-1) for _, mod in targets])
    flat_m = torch.cat([
        mod.weight_mask.reshape(-1) if prune.is_pruned(mod) else torch.ones_like(mod.weight).reshape(-1)
        for _, mod in targets
    ])
    alive_idx = torch.nonzero(flat_m, as_tuple=False).squeeze(1)
    order = torch.argsort(flat_w[alive_idx].abs())
    n_kill = round(prune_amount * len(alive_idx))
    flat_m = flat_m.detach().clone()
    flat_m[alive_idx[order[:n_kill]]] = 0

    sizes = [mod.weight.numel() for _, mod in targets]
    for (name, mod), piece in zip(targets, flat_m.split(sizes)):
        prune.custom_from_mask(mod, name="weight", mask=piece.reshape(mod.weight.shape))
        with torch.no_grad():
            mod.weight_orig[...] = initial_state_dict[name + ".weight"]
    return model
