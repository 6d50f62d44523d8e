import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = []
    for name, module in model.named_modules():
        if hasattr(module, "weight") and module.weight is not None:
            params.append((name, module))
    prune.global_unstructured([(m, "weight") for _, m in params], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, module in params:
            module.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
