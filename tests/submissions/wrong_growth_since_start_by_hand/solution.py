import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = [n for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    entries = []
    for n in names:
        m = model.get_submodule(n)
        mask = m.weight_mask if hasattr(m, "weight_mask") else torch.ones_like(m.weight)
        grown = m.weight.detach().abs().double() - initial_state_dict[n + ".weight"].abs().double()
        for i, (g, alive) in enumerate(zip(grown.flatten().tolist(), mask.flatten().tolist())):
            if alive:
                entries.append((g, n, i))
    entries.sort()
    gone = entries[: round(prune_amount * len(entries))]
    for n in names:
        m = model.get_submodule(n)
        mask = (m.weight_mask if hasattr(m, "weight_mask") else torch.ones_like(m.weight)).detach().clone()
        for _, who, i in gone:
            if who == n:
                mask.view(-1)[i] = 0
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
