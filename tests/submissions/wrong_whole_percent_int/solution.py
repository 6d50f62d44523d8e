import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    percent = int(prune_amount * 100)
    mods = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(mods, pruning_method=prune.L1Unstructured, amount=percent)
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
