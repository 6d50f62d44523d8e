import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            for key, value in rewind_step_state.items():
                if key.endswith(n + ".weight"):
                    m.weight_orig.copy_(value)
    return model
