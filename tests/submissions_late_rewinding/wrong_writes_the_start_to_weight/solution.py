import torch
import torch.nn as nn
import torch.nn.utils.prune as prune
import copy
def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in L], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in L:
            k = rewind_step_state[n + '.weight']
            z = initial_state_dict[n + '.weight']
            m.weight.copy_(z)
    return model
