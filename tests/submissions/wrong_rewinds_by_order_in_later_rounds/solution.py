import copy
import math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    later = any(hasattr(m, "weight_orig") for _, m in layers)
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        if later:
            vals = [v for k, v in initial_state_dict.items() if k.endswith(".weight") and v.dim() in (2, 4)]
            for (n, m), v in zip(layers, vals):
                m.weight_orig.copy_(v)
        else:
            for n, m in layers:
                m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
