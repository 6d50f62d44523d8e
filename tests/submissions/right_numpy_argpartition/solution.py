import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names, mods = zip(*[(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))])
    W = [m.weight.detach().cpu().numpy() for m in mods]
    M = [m.weight_mask.cpu().numpy().astype(np.float64) if hasattr(m, 'weight_mask') else np.ones(w.shape)
         for m, w in zip(mods, W)]

    w = np.concatenate([x.ravel() for x in W])
    mask = np.concatenate([x.ravel() for x in M])
    score = np.where(mask > 0, np.abs(w), np.inf)
    k = int(np.round(prune_amount * np.count_nonzero(mask)))
    mask[np.argpartition(score, k - 1)[:k]] = 0.0

    offset = 0
    for n, m, x in zip(names, mods, W):
        part = mask[offset:offset + x.size].reshape(x.shape)
        offset += x.size
        prune.custom_from_mask(m, 'weight', torch.from_numpy(part))   # float64 mask, torch casts it
        m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    return model
