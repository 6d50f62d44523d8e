import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    scores = {(m, "weight"): rewind_step_state[n + ".weight"].abs() for n, m in model.named_modules()
              if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured(list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for n, m in model.named_modules():
        if hasattr(m, "weight_orig"):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
