import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    torch.manual_seed(0)
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        std = initial_state_dict[n + ".weight"].std()
        m.weight_orig.data.normal_(0, float(std))     # same distribution as at the start
    return model
