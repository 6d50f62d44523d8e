from functools import partial
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def _ticket(kinds, model, initial_state_dict, prune_amount=0.2):
    chosen = dict(filter(lambda nm: isinstance(nm[1], kinds), model.named_modules()))
    prune.global_unstructured(
        list(map(lambda m: (m, "weight"), chosen.values())),
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for n in chosen:
        chosen[n].weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

find_winning_ticket_step = partial(_ticket, (nn.Linear, nn.Conv2d))
