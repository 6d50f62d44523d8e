import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

@torch.no_grad()
def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    prune.global_unstructured(
        [(m, "weight") for m in model.modules() if isinstance(m, nn.Linear) or isinstance(m, nn.Conv2d)],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, p in model.named_parameters():
        if name.endswith("weight_orig"):
            p.copy_(rewind_step_state[name.replace("weight_orig", "weight")])
    return model
