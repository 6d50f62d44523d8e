import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = []
    for n, m in model.named_modules():
        if isinstance(m, nn.Linear) or isinstance(m, nn.Conv2d) or isinstance(m, nn.LayerNorm):
            layers.append((n, m))
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
