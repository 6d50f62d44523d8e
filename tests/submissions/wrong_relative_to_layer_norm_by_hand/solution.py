import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    pieces, masks = [], []
    for _, m in layers:
        w = m.weight.detach()
        mask = m.weight_mask.clone() if hasattr(m, "weight_mask") else torch.ones_like(w)
        importance = w.abs() / torch.linalg.vector_norm(w)
        importance[mask == 0] = float("inf")
        pieces.append(importance.flatten())
        masks.append(mask)
    imp = torch.cat(pieces)
    k = round(prune_amount * sum(int(x.sum()) for x in masks))
    keep = torch.ones(len(imp))
    keep[torch.topk(imp, k, largest=False).indices] = 0
    for (n, m), mask, part in zip(layers, masks, keep.split([x.numel() for x in masks])):
        prune.custom_from_mask(m, "weight", mask * part.view_as(mask).to(mask.dtype))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
