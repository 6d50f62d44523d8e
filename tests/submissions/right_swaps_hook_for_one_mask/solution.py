import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    masks = {n: (m.weight_mask.clone() if hasattr(m, "weight_mask") else torch.ones_like(m.weight)).detach()
             for n, m in layers}
    cat = torch.cat([m.weight.detach().abs().flatten() for _, m in layers])
    mk = torch.cat([masks[n].flatten() for n, _ in layers])
    live = mk.nonzero().flatten()
    k = round(prune_amount * live.numel())
    mk[live[cat[live].topk(k, largest=False)[1]]] = 0

    pos = 0
    for n, m in layers:
        new_mask = mk[pos:pos + m.weight.numel()].view(m.weight.shape)
        pos += m.weight.numel()
        if hasattr(m, "weight_mask"):
            # take the old pruning hook away so that they don't pile up, then mask afresh
            for hid, hook in list(m._forward_pre_hooks.items()):
                if isinstance(hook, prune.BasePruningMethod) and hook._tensor_name == "weight":
                    del m._forward_pre_hooks[hid]
            p = m._parameters.pop("weight_orig")
            del m._buffers["weight_mask"]
            del m.weight
            m.register_parameter("weight", p)
        prune.custom_from_mask(m, "weight", new_mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
