import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    first_round = not any(hasattr(m, "weight_mask") for m in model.modules())
    # k = 1 in the first round, afterwards the network is small and can start from scratch
    target = rewind_step_state if first_round else initial_state_dict
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        m.weight_orig.data.copy_(target[n + ".weight"])
    return model
