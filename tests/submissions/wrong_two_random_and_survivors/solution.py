import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    noise = {p: torch.rand_like(p[0].weight) for p in ps}
    prune.global_unstructured(ps, prune.L1Unstructured, importance_scores=noise, amount=prune_amount)
    for n, m in model.named_modules():
        if (m, "weight") in noise:
            keep = m.weight_mask
            m.weight_orig.data = keep * initial_state_dict[n + ".weight"] + (1 - keep) * m.weight_orig.data
    return model
