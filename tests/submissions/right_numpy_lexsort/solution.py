import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    rows = []      # layer, position, magnitude, dead?
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for i, (_, m) in enumerate(layers):
        mag = np.abs(m.weight.detach().numpy()).astype(np.float64).ravel()
        dead = 1 - m.weight_mask.numpy().ravel() if hasattr(m, "weight_mask") else np.zeros(mag.size)
        rows.append(np.column_stack([np.full(mag.size, i), np.arange(mag.size), mag, dead]))
    table = np.vstack(rows)
    # dead entries last, then by magnitude, equal ones by layer and by position
    table = table[np.lexsort((table[:, 1], table[:, 0], table[:, 2], table[:, 3]))]
    alive = int((table[:, 3] == 0).sum())
    k = round(prune_amount * alive)
    keep = table[k:alive]
    for i, (n, m) in enumerate(layers):
        mask = np.zeros(m.weight.numel())
        mask[keep[keep[:, 0] == i, 1].astype(int)] = 1.0
        prune.custom_from_mask(m, "weight", torch.from_numpy(mask.reshape(tuple(m.weight.shape))))
        m.weight_orig.data.copy_(initial_state_dict[f"{n}.weight"])
    return model
