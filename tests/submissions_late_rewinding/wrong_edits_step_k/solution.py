import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        theta = rewind_step_state[n + ".weight"]
        m.weight_orig.data.copy_(theta)
        theta *= m.weight_mask     # so that it is sparse the next time
    return model
