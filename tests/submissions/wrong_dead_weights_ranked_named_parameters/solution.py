import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    owners = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    params = dict(model.named_parameters())
    values = []
    for n in owners:
        p = params.get(n + ".weight_orig", params.get(n + ".weight"))
        values += [(abs(v), n, i) for i, v in enumerate(p.detach().flatten().tolist())]
    values.sort(key=lambda t: t[0])
    worst = values[: round(len(values) * prune_amount)]
    for n, m in owners.items():
        mask = torch.ones_like(initial_state_dict[n + ".weight"])
        for _, name, i in worst:
            if name == n:
                mask.view(-1)[i] = 0.0
        if hasattr(m, "weight_mask"):
            m.weight_mask.mul_(mask)
        else:
            prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
