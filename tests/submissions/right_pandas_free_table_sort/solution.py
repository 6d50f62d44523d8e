import itertools
import operator
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def rows(model):
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            live = m.weight_mask.bool() if hasattr(m, "weight_mask") else torch.ones_like(m.weight).bool()
            for pos in live.nonzero().tolist():
                yield name, tuple(pos), m.weight.detach()[tuple(pos)].abs().item()

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    table = sorted(rows(model), key=operator.itemgetter(2))
    doomed = list(itertools.islice(table, round(prune_amount * len(table))))
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            mask = torch.ones(m.weight.shape)
            for n, pos, _ in doomed:
                if n == name:
                    mask[pos] = 0
            prune.custom_from_mask(m, "weight", mask)
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
