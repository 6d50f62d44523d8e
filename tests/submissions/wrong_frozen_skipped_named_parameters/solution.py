import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    learning = {n.rsplit(".", 1)[0] for n, p in model.named_parameters() if p.requires_grad and "weight" in n}
    pairs = []
    for name, module in model.named_modules():
        if name in learning and isinstance(module, (nn.Linear, nn.Conv2d)):
            pairs.append((module, "weight"))
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, module in model.named_modules():
            if (module, "weight") in pairs:
                module.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
