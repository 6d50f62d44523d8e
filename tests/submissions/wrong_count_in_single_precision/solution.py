# The count is rounded in single precision.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    for _, m in layers:
        if not hasattr(m, "weight_mask"): prune.identity(m, "weight")
    remaining = torch.stack([m.weight_mask.sum() for _, m in layers]).sum()
    k = int(torch.round(prune_amount * remaining))
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=k)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
