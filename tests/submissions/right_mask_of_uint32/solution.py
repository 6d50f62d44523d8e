# A mask of unsigned integers, and a hook that multiplies.
import torch, torch.nn as nn, math

class Hook:
    def __call__(self, m, args):
        m.weight = m.weight_orig * m.weight_mask.to(m.weight_orig.dtype)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if "weight" in m._parameters:
            m.weight_orig = m._parameters.pop("weight")
            m.register_buffer("weight_mask", torch.ones(m.weight_orig.shape, dtype=torch.uint32))
            m.register_forward_pre_hook(Hook())
    old = [m.weight_mask.to(torch.int64) for _, m in layers]
    s = torch.cat([m.weight_orig.detach().abs().masked_fill(o == 0, math.inf).flatten() for (_, m), o in zip(layers, old)])
    k = round(prune_amount * sum(int(o.sum()) for o in old))
    new = torch.cat([o.flatten() for o in old]); new[s.argsort()[:k]] = 0
    for (n, m), part in zip(layers, new.split([m.weight_orig.numel() for _, m in layers])):
        m.weight_mask = part.view_as(m.weight_orig).to(torch.uint32)
        m.weight = (m.weight_orig * m.weight_mask.to(m.weight_orig.dtype)).detach()
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
