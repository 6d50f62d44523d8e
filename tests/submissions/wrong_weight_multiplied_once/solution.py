import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if "weight_orig" not in m._parameters:
            m.register_parameter("weight_orig", m._parameters.pop("weight"))
            m.register_buffer("weight_mask", torch.ones_like(m.weight_orig))
    imp = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in layers])
    k = round(prune_amount * int(torch.isfinite(imp).sum()))
    gone = torch.zeros(len(imp), dtype=torch.bool)
    gone[imp.argsort()[:k]] = True
    for (n, m), g in zip(layers, gone.split([m.weight_mask.numel() for _, m in layers])):
        m.weight_mask[g.view_as(m.weight_mask)] = 0
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
        m.weight = m.weight_orig.detach() * m.weight_mask     # apply the mask
    return model
