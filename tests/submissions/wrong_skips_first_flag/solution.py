import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    todo = []
    first = True
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            if first:
                first = False      # keep the input layer dense
            else:
                todo.append((n, m))
    if not todo:
        return model
    prune.global_unstructured([(m, "weight") for n, m in todo], prune.L1Unstructured, amount=prune_amount)
    for n, m in todo:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
