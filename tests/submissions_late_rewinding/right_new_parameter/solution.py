import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    targets = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    prune.global_unstructured([(m, "weight") for _, m in targets], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in targets:
        trains = m.weight_orig.requires_grad
        m.weight_orig = nn.Parameter(rewind_step_state[f"{n}.weight"].clone(), requires_grad=trains)
    return model
