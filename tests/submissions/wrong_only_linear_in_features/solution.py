import torch
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """duck typing: whatever has in_features is a layer"""
    layers, scores, keep = [], [], []
    for name, mod in model.named_modules():
        if hasattr(mod, 'in_features'):
            layers.append((name, mod))
            scores.append(mod.weight.detach().abs().reshape(-1))
            keep.append(getattr(mod, 'weight_mask', torch.ones_like(mod.weight)).detach().reshape(-1))
    s, k = torch.cat(scores), torch.cat(keep).clone()
    s[k == 0] = float('inf')
    n = round(prune_amount * int(k.sum()))
    k[torch.topk(s, n, largest=False).indices] = 0
    for (name, mod), part in zip(layers, k.split([x.numel() for x in scores])):
        prune.custom_from_mask(mod, 'weight', part.view_as(mod.weight))
        mod.weight_orig.data.copy_(initial_state_dict[name + '.weight'])
    return model
