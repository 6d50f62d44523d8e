import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

from torch.nn.utils.prune import remove, global_unstructured, L1Unstructured

def clean(model):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            remove(module, "weight")

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    clean(model)
    with torch.no_grad():
        kinds = (nn.Linear, nn.Conv2d)
        global_unstructured([(m, "weight") for m in model.modules() if isinstance(m, kinds)], L1Unstructured, amount=prune_amount)
        for n, m in model.named_modules():
            if isinstance(m, kinds):
                m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
