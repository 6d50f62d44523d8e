import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    def trainable(m):
        w = m.weight_orig if hasattr(m, "weight_orig") else m.weight
        return w.requires_grad
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d)) and trainable(m)]
    prune.global_unstructured([(m, "weight") for _, m in mods], prune.L1Unstructured, amount=prune_amount)
    for n, m in mods:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
