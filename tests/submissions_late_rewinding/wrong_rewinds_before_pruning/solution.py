import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    with torch.no_grad():
        for n, m in layers.items():
            if hasattr(m, "weight_orig"):
                m.weight_orig.copy_(rewind_step_state[n + ".weight"])
                m.weight = m.weight_orig * m.weight_mask
            else:
                m.weight.copy_(rewind_step_state[n + ".weight"])
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    return model
