import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [m for m in model.modules() if isinstance(getattr(m, "weight", None), torch.Tensor) and m.weight.dim() > 1]
    prune.global_unstructured([(m, "weight") for m in mods], prune.L1Unstructured, amount=prune_amount)
    for m in mods:
        for k, v in initial_state_dict.items():
            if k.endswith("weight") and v.shape == m.weight_orig.shape:
                m.weight_orig.data.copy_(v)
                break
    return model
