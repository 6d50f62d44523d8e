# Any buffer with mask in its name is taken for a mask of weights.
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    dead = sum(int((b == 0).sum()) for name, b in model.named_buffers() if "mask" in name)
    total = sum(m.weight.numel() for _, m in layers)
    k = round(prune_amount * (total - dead))
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=k)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
