# A layer that was trained and then frozen keeps its trained weights.
import torch, torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(layers, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, p in model.named_parameters():
        if p.requires_grad and name.endswith(".weight_orig"):
            p.data.copy_(initial_state_dict[name[:-5]])
    return model
