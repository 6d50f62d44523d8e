import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        old = m.weight_orig.data.flatten()
        theta = initial_state_dict[n + ".weight"].flatten()
        new = [t if keep else w for keep, t, w in zip(m.weight_mask.flatten().tolist(), theta, old)]
        m.weight_orig.data.copy_(torch.stack(new).view_as(m.weight_orig))
    return model
