import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    selected = []
    for full_name, mod in model.named_modules():
        if isinstance(mod, (nn.Linear, nn.Conv2d)):
            selected.append((full_name, mod))
    prune.global_unstructured([(mod, 'weight') for _, mod in selected],
                              pruning_method=prune.L1Unstructured,
                              amount=prune_amount)
    for full_name, mod in selected:
        fresh = torch.empty_like(mod.weight_orig)
        with torch.no_grad():
            fresh.copy_(initial_state_dict[full_name + '.weight'])
        fresh = nn.Parameter(fresh.detach(), requires_grad=mod.weight_orig.requires_grad)
        mod.register_parameter('weight_orig', fresh)
        mod.weight = fresh * mod.weight_mask
    return model
