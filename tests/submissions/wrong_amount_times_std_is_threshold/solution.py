import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    spread = torch.cat([m.weight.detach().reshape(-1) for _, m in layers]).std()
    for n, m in layers:
        prune.custom_from_mask(m, "weight", (m.weight.detach().abs() > prune_amount * spread).to(m.weight.dtype))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
