import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            prune.L1Unstructured.apply(module, "weight", prune_amount)
    model.load_state_dict(initial_state_dict, strict=False)
    return model
