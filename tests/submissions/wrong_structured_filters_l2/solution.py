import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """remove the weakest neurons / filters, then go back to the initial weights"""
    for name, layer in model.named_modules():
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            continue
        prune.ln_structured(layer, name="weight", amount=prune_amount, n=2, dim=0)
        layer.weight_orig.data = initial_state_dict[name + ".weight"].clone()
    return model
