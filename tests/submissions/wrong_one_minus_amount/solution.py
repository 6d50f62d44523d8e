import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    sparsity = 1.0 - prune_amount
    targets = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(targets, prune.L1Unstructured, amount=sparsity)
    for name, m in model.named_modules():
        if hasattr(m, "weight_orig"):
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
