import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters = []
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    for m in layers.values():
        parameters.append((m, "weight"))
    for m in layers.values():
        prune.global_unstructured(parameters, pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
