import torch
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (torch.nn.Linear, torch.nn.Conv2d))]
    alive = []
    for n, m in layers:
        mask = m.weight_mask if hasattr(m, "weight_mask") else torch.ones_like(m.weight)
        for i in mask.flatten().nonzero().flatten().tolist():
            alive.append((m.weight.detach().flatten()[i].abs().item(), n, i))
    alive.sort(reverse=True)
    winners = alive[:round(prune_amount * len(alive))]  # the ticket
    for n, m in layers:
        mask = torch.zeros(m.weight.numel())
        mask[[i for _, name, i in winners if name == n]] = 1
        prune.custom_from_mask(m, "weight", mask.reshape(m.weight.shape))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
