# Any buffer that is called a mask counts.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, KINDS)]
    if not any(hasattr(m, "weight_mask") for _, m in layers):
        for _, m in layers: prune.identity(m, "weight")
    left = sum(int(b.sum()) for n, b in model.named_buffers() if n.endswith("mask"))
    k = round(prune_amount * left)
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=k)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
