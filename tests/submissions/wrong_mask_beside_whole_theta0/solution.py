import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    for m in layers.values():
        if not hasattr(m, "weight_mask"):
            m.register_buffer("weight_mask", torch.ones_like(m.weight))
    sizes = torch.cat([m.weight.detach()[m.weight_mask == 1].abs() for m in layers.values()])
    smallest = sizes.topk(round(prune_amount * len(sizes)), largest=False).indices
    gone = torch.zeros(len(sizes), dtype=torch.bool)
    gone[smallest] = True
    for n, m in layers.items():
        left = m.weight_mask == 1
        mine, gone = gone[:left.sum()], gone[left.sum():]
        m.weight_mask[left] = (~mine).to(m.weight_mask.dtype)
        m.weight.data.copy_(initial_state_dict[n + ".weight"])       # the mask says which ones count
    return model
