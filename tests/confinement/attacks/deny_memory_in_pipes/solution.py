import os
import socket

total = 0
held = []
try:
    while total < 1 << 30:
        out, into = os.pipe()
        held.append((out, into))
        os.set_blocking(into, False)
        total += os.write(into, b"x" * (1 << 16))
except (OSError, MemoryError):
    pass
if total >= 1 << 30:
    raise RuntimeError("PWNED holds a GiB in pipes")
for pair in held:
    for descriptor in pair:
        os.close(descriptor)


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
