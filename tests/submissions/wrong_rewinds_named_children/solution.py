import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    for name, child in model.named_children():
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            child.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
