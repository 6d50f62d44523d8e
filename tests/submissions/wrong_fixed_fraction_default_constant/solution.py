import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

AMOUNT = 0.2

def find_winning_ticket_step(model, initial_state_dict, prune_amount=AMOUNT):
    ps = tuple((m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d)))
    prune.global_unstructured(ps, pruning_method=prune.L1Unstructured, amount=AMOUNT)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
