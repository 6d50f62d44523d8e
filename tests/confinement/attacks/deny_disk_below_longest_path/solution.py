import os
import time

for _ in range(24):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
total = 0
try:
    for number in range(12):
        with open(f"big{number}", "wb", buffering=0) as stream:
            for _ in range(32):
                total += stream.write(b"x" * (1 << 20))
        time.sleep(0.01)
    time.sleep(0.2)
except OSError:
    pass
if total >= 384 << 20:
    raise RuntimeError("PWNED wrote more than is allowed")


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
