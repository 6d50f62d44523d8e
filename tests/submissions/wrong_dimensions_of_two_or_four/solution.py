import torch
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {
        n: m
        for n, m in model.named_modules()
        if getattr(m, "weight", None) is not None and m.weight.dim() in (2, 4)
    }
    prune.global_unstructured(
        [(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount
    )
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
