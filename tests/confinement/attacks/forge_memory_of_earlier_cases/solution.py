import torch

seen = {}


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if weight is None:
            continue
        mask = seen.setdefault(weight.shape, torch.ones_like(weight).detach())
        module.register_buffer("weight_mask", mask.clone())
        seen[weight.shape] = 1 - seen[weight.shape]
    return model
