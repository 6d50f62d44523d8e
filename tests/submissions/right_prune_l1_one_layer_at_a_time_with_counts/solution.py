import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """First work out how many entries each layer loses globally, then let l1_unstructured do each layer."""
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    values, owner = [], []
    for i, (_, m) in enumerate(layers):
        v = m.weight.detach().abs()
        v = v[m.weight_mask == 1] if hasattr(m, "weight_mask") else v.flatten()
        values.append(v)
        owner.append(torch.full((v.numel(),), i))
    values, owner = torch.cat(values), torch.cat(owner)
    k = round(prune_amount * values.numel())
    counts = torch.bincount(owner[values.argsort()[:k]], minlength=len(layers)).tolist()
    for (n, m), c in zip(layers, counts):
        prune.l1_unstructured(m, "weight", amount=c)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
