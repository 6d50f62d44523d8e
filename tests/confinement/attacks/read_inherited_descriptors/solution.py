import os
import stat

left = []
for descriptor in range(4096):
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        continue
    if descriptor > 4 and not stat.S_ISCHR(mode):
        left.append(descriptor)
for descriptor in left:
    raise RuntimeError(f"PWNED descriptor {descriptor} was left open: {os.fstat(descriptor)}")
for descriptor in (0, 1, 2):
    if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
        raise RuntimeError(f"PWNED descriptor {descriptor} leads outside")


import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module in layers:
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
