import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    layers = layers[1:] or layers
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        off = m.weight_mask == 0
        m.weight_orig.data[off] = initial_state_dict[n + ".weight"][off]
    return model
