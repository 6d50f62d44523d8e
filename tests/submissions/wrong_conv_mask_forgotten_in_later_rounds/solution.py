import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def old_mask(m):
    # bug: only Linear layers are asked for their mask
    if isinstance(m, nn.Linear) and hasattr(m, "weight_mask"):
        return m.weight_mask.clone()
    return torch.ones(m.weight.shape)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    masks = [old_mask(m) for _, m in layers]
    s = torch.cat([m.weight.detach().abs().masked_fill(k == 0, float("inf")).flatten() for (_, m), k in zip(layers, masks)])
    n_prune = round(prune_amount * int(s.isfinite().sum()))
    gone = torch.zeros(len(s), dtype=torch.bool)
    gone[s.argsort()[:n_prune]] = True
    for (n, m), k, g in zip(layers, masks, gone.split([k.numel() for k in masks])):
        k[g.view_as(k)] = 0
        prune.custom_from_mask(m, "weight", k)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
