import torch
import torch.nn as nn

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    scores = torch.cat([(m.weight.detach().abs() if not hasattr(m, "weight_mask")
                         else m.weight.detach().abs().masked_fill(m.weight_mask == 0, 1e9)).flatten() for _, m in layers])
    k = round(prune_amount * int((scores < 1e9).sum()))
    gone = torch.zeros(len(scores), dtype=torch.bool)
    gone[scores.argsort()[:k]] = True
    gone |= scores == 1e9
    i = 0
    for n, m in layers:
        g = gone[i:i + m.weight.numel()].view_as(m.weight)
        i += m.weight.numel()
        m.weight_mask = (~g).to(m.weight.dtype)
        m.weight.data = initial_state_dict[n + ".weight"] * m.weight_mask
    return model
