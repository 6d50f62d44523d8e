import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in ps.values()], prune.L1Unstructured, amount=prune_amount)
    masks = {}
    for n, m in ps.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
        masks[n] = m.weight_mask
    return masks
