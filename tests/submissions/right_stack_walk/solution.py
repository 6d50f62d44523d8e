import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    stack = [("", model)]
    hits = []
    while stack:
        path, node = stack.pop()
        if isinstance(node, (nn.Linear, nn.Conv2d)):
            hits.append((path, node))
        for child_name, child in node._modules.items():
            if child is not None:
                stack.append((f"{path}.{child_name}" if path else child_name, child))
    prune.global_unstructured([(node, "weight") for _, node in hits], pruning_method=prune.L1Unstructured,
                              amount=prune_amount)
    for path, node in hits:
        node.weight_orig.data.copy_(initial_state_dict[f"{path}.weight"])
    return model
