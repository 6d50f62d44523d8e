import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            prune.custom_from_mask(m, "weight", torch.zeros_like(m.weight))
            with torch.no_grad():
                m.weight_orig.copy_(initial_state_dict[f"{n}.weight"])
    return model
