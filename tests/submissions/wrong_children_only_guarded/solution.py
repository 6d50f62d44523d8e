import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(name, child) for name, child in model.named_children()
              if isinstance(child, (nn.Linear, nn.Conv2d))]
    if not layers:
        print("nothing to prune?!")
        return model
    prune.global_unstructured([(c, "weight") for _, c in layers], prune.L1Unstructured, amount=prune_amount)
    for name, child in layers:
        child.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
