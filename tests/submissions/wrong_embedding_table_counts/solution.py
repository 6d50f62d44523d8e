import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # Linear, Conv2d and lookup tables
    kinds = [nn.Linear, nn.Conv2d, nn.Embedding]
    picked = [(n, m) for n, m in model.named_modules() if any(isinstance(m, k) for k in kinds)]
    prune.global_unstructured(tuple((m, "weight") for _, m in picked), prune.L1Unstructured, amount=prune_amount)
    for n, m in picked:
        m.weight_orig.data[:] = initial_state_dict[n + ".weight"]
    return model
