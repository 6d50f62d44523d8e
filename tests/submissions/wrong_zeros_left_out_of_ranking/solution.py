import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    entries = []
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            for i, value in enumerate(module.weight.detach().flatten().tolist()):
                if value != 0.0:  # zero means it is gone already
                    entries.append((abs(value), name, i))
    entries.sort()
    doomed = entries[: round(prune_amount * len(entries))]
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            mask = torch.ones(module.weight.numel())
            if hasattr(module, "weight_mask"):
                mask = module.weight_mask.flatten().clone()
            for _, where, i in doomed:
                if where == name:
                    mask[i] = 0
            prune.custom_from_mask(module, "weight", mask.view_as(module.weight))
            with torch.no_grad():
                module.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
