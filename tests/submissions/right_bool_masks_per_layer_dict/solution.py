import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    alive = {}
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            alive[name] = m.weight_mask.bool() if hasattr(m, "weight_mask") else torch.ones_like(m.weight, dtype=torch.bool)

    remaining = sum(a.sum().item() for a in alive.values())
    quota = round(prune_amount * remaining)

    pool = torch.cat([model.get_submodule(n).weight.detach()[a].abs() for n, a in alive.items()])
    goes = torch.zeros_like(pool, dtype=torch.bool)
    goes[pool.argsort(stable=True)[:quota]] = True

    used = 0
    for n, a in alive.items():
        c = int(a.sum())
        keep = a.clone()
        keep[a] = ~goes[used:used + c]
        used += c
        m = model.get_submodule(n)
        prune.custom_from_mask(m, "weight", keep)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
