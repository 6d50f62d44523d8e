import torch
import torch.nn as nn
from torch.nn.utils import prune

def count_weights(model):
    return sum(m.weight.numel() for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d)))

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    n_prune = round(count_weights(model) * prune_amount)
    ps = []
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            ps.append((m, "weight"))
    prune.global_unstructured(ps, pruning_method=prune.L1Unstructured, amount=n_prune)
    for n, m in model.named_modules():
        if (m, "weight") in ps:
            m.weight_orig.data = initial_state_dict[n + ".weight"].detach().clone()
    return model
