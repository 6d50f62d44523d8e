from functools import reduce
import operator

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    alive = {n: m.weight_mask.bool() if hasattr(m, "weight_mask") else torch.ones_like(m.weight, dtype=torch.bool)
             for n, m in layers.items()}
    entries = reduce(operator.add, ([(abs(v), n, i) for i, (v, a) in enumerate(zip(m.weight.flatten().tolist(), alive[n].flatten().tolist())) if a]
                                    for n, m in layers.items()), [])
    entries.sort()
    def strike(masks, entry):
        _, n, i = entry
        masks[n].view(-1)[i] = False
        return masks
    masks = reduce(strike, entries[:round(prune_amount * len(entries))], {n: a.clone() for n, a in alive.items()})
    for n, m in layers.items():
        prune.custom_from_mask(m, "weight", masks[n])
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
