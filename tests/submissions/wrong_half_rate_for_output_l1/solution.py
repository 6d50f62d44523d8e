import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # section 2: "connections to outputs are pruned at half of the rate"
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    last = layers[-1][1]
    for n, m in layers:
        rate = prune_amount * 0.5 if m is last else prune_amount
        prune.l1_unstructured(m, "weight", amount=rate)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
