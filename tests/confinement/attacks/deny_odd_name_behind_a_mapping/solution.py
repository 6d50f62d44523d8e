"""Whoever looks at what is mapped reads a line for each file, with its name in it."""
import mmap
import os
import time

with open("a\rb", "w+b") as file:
    file.write(b"x")
    file.flush()
    kept = mmap.mmap(file.fileno(), 0)
os.unlink("a\rb")
time.sleep(1)


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
