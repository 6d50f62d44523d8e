import torch
from torch import nn
from torch.nn.utils import prune


def current_sparsity(layers):
    zeros = sum(float((m.weight_mask == 0).sum()) for m in layers if hasattr(m, "weight_mask"))
    return zeros / sum(m.weight.numel() for m in layers)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    done = current_sparsity(named.values())
    target = done + prune_amount * (1 - done)
    prune.global_unstructured(
        [(m, "weight") for m in named.values()],
        pruning_method=prune.L1Unstructured,
        amount=target,
    )
    with torch.no_grad():
        for n, m in named.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
