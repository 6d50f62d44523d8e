import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if hasattr(m, "in_features"):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
            m.bias.data.copy_(initial_state_dict[n + ".bias"])
    return model
