import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # the paper prunes conv layers and fc layers at different rates => rank them separately
    for kind in (nn.Conv2d, nn.Linear):
        group = [(m, "weight") for m in model.modules() if isinstance(m, kind)]
        if group:
            prune.global_unstructured(group, prune.L1Unstructured, amount=prune_amount)
    for name, m in model.named_modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
