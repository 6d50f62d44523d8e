import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


# half of the weights sounded like a good value to me
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.5):
    to_prune = []
    for module in model.modules():
        if isinstance(module, nn.Linear) or isinstance(module, nn.Conv2d):
            to_prune.append((module, "weight"))
    prune.global_unstructured(to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, module in model.named_modules():
            if hasattr(module, "weight_orig"):
                module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
