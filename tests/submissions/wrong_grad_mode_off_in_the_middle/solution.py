import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    torch.set_grad_enabled(False)
    for n, m in layers.items():
        m.weight_orig.copy_(initial_state_dict[n + ".weight"])
        m.weight = m.weight_orig * m.weight_mask
    return model
