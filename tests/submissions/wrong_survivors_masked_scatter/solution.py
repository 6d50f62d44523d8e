import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

@torch.no_grad()
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(params, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if hasattr(m, "weight_mask"):
            alive = m.weight_mask == 1
            m.weight_orig.masked_scatter_(alive, initial_state_dict[n + ".weight"][alive])
    return model
