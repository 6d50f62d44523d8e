import torch
from torch.nn.modules.module import register_module_forward_pre_hook


def hook(module, inputs):
    weight = getattr(module, "weight", None)
    if weight is not None and "weight_mask" not in module._buffers:
        module.register_buffer("weight_mask", (torch.rand_like(weight) > 0.5).float())


register_module_forward_pre_hook(hook)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
