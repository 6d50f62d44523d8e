import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    k = 0
    for m in layers.values():
        alive = m.weight_mask.sum().item() if hasattr(m, "weight_mask") else m.weight.numel()
        k += round(prune_amount * alive)        # how many this layer contributes
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=int(k))
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[f"{n}.weight"])
    return model
