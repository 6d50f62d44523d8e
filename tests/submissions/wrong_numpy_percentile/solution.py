import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

import numpy as np

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    alive = []
    for _, m in layers:
        w = np.abs(m.weight.detach().numpy()).astype(np.float64)
        alive.append(w[m.weight_mask.numpy() == 1] if hasattr(m, "weight_mask") else w.ravel())
    cut = np.percentile(np.concatenate(alive), 100 * prune_amount)
    for n, m in layers:
        keep = np.abs(m.weight.detach().numpy()).astype(np.float64) >= cut
        mask = torch.from_numpy(keep).to(m.weight.dtype)
        if hasattr(m, "weight_mask"):
            mask = mask * m.weight_mask
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
