import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    n_params = sum(p.numel() for p in model.parameters())
    pairs = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    dead = sum(int((m.weight_mask == 0).sum()) for m, _ in pairs if hasattr(m, "weight_mask"))
    possible = sum(m.weight.numel() for m, _ in pairs) - dead
    k = min(possible, round(prune_amount * (n_params - dead)))
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=k)
    for n, m in model.named_modules():
        if (m, "weight") in pairs:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
