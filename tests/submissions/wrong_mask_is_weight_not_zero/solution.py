import torch
import torch.nn as nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = [n for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    work = {n: model.get_submodule(n).weight.detach().clone() for n in names}
    nonzero = torch.cat([w[w != 0].abs() for w in work.values()])
    k = round(prune_amount * nonzero.numel())
    order = nonzero.argsort()
    drop = torch.zeros(nonzero.numel(), dtype=torch.bool)
    drop[order[:k]] = True
    start = 0
    for n in names:
        w = work[n]
        count = int((w != 0).sum())
        flat = w[w != 0]
        flat[drop[start:start + count]] = 0
        w[w != 0] = flat
        start += count
        prune.custom_from_mask(model.get_submodule(n), "weight", w != 0)
        model.get_submodule(n).weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
