import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    lin = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    prune.global_unstructured([(m, "weight") for _, m in lin], prune.L1Unstructured, amount=prune_amount)
    for n, m in lin:
        alive = m.weight_mask > 0
        m.weight_orig.data[alive] = initial_state_dict[n + ".weight"][alive]
    return model
