import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # "magnitude increase" criterion: |w_final| - |w_init|
    todo = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    score = torch.cat([(m.weight.detach().abs() - initial_state_dict[n + ".weight"].abs()).flatten() for n, m in todo])
    m0 = torch.cat([getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().flatten() for _, m in todo])
    score[m0 == 0] = float("inf")
    m0[score.argsort()[:round(prune_amount * int(m0.sum()))]] = 0
    for (n, m), part in zip(todo, m0.split([m.weight.numel() for _, m in todo])):
        prune.custom_from_mask(m, "weight", part.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
