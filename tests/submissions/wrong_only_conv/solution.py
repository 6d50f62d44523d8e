import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    convs = [(m, "weight") for m in model.modules() if isinstance(m, nn.Conv2d)]
    if len(convs) > 0:
        prune.global_unstructured(convs, prune.L1Unstructured, amount=prune_amount)
        for name, m in model.named_modules():
            if isinstance(m, nn.Conv2d):
                m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
