import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight.detach()
            prune.custom_from_mask(module, "weight", torch.full_like(weight, float("nan")))
            module.weight_orig.data.fill_(float("nan"))
    return model
