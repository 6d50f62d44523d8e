import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    score, mask = {}, {}
    for n, m in layers.items():
        mask[n] = torch.ones(m.weight.shape) if not hasattr(m, "weight_mask") else m.weight_mask.detach().clone()
        score[n] = m.weight.detach().abs().clone()
        score[n][mask[n] == 0] = torch.inf
    remaining = sum(int(k.sum()) for k in mask.values())
    for _ in range(round(prune_amount * remaining)):
        weakest = min(score, key=lambda n: score[n].min().item())
        at = score[weakest].argmin()
        mask[weakest].view(-1)[at] = 0
        score[weakest].view(-1)[at] = torch.inf
    for n, m in layers.items():
        prune.custom_from_mask(m, name="weight", mask=mask[n])
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
