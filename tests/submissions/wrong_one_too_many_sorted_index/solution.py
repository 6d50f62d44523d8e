import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    masks = {n: (m.weight_mask.clone() if hasattr(m, "weight_mask") else torch.ones_like(m.weight)).detach() for n, m in layers}
    pool, _ = torch.cat([m.weight.detach().abs()[masks[n] == 1] for n, m in layers]).sort()
    threshold = pool[round(prune_amount * pool.numel())]
    for n, m in layers:
        masks[n][m.weight.detach().abs() <= threshold] = 0
        prune.custom_from_mask(m, "weight", masks[n])
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
