import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    # plain numpy, entry by entry
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    masks = {n: (m.weight_mask.numpy().copy() if hasattr(m, 'weight_mask') else np.ones(tuple(m.weight.shape)))
             for n, m in layers.items()}
    entries = []
    for n, m in layers.items():
        w = np.abs(m.weight.detach().numpy())
        for index in np.argwhere(masks[n] != 0):
            entries.append((w[tuple(index)], n, tuple(index)))
    order = np.argsort([e[0] for e in entries], kind='stable')
    for i in order[:round(prune_amount * len(entries))]:
        _, n, index = entries[i]
        masks[n][index] = 0
    for n, m in layers.items():
        prune.custom_from_mask(m, name='weight', mask=torch.tensor(masks[n]))
    for n, m in layers.items():
        with torch.no_grad():
            m.weight_orig[:] = rewind_step_state[n + '.weight']
    return model
