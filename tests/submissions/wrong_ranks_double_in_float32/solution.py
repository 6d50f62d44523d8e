import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    values, where = [], []
    for i, (_, m) in enumerate(layers):
        k = m.weight_mask.flatten().tolist() if hasattr(m, "weight_mask") else [1.0] * m.weight.numel()
        for j, v in enumerate(m.weight.detach().flatten().tolist()):
            if k[j]:
                values.append(abs(v))
                where.append((i, j))
    t = torch.tensor(values)                  # float32, also for a float64 model
    masks = [torch.ones_like(m.weight).detach() for _, m in layers]
    for p in t.argsort()[: round(prune_amount * len(t))].tolist():
        i, j = where[p]
        masks[i].view(-1)[j] = 0
    for (n, m), k in zip(layers, masks):
        prune.custom_from_mask(m, "weight", k)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
