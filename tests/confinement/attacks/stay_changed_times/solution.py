import ctypes
import os

path = "@CANARY@/learner/solution.py"
libc = ctypes.CDLL(None, use_errno=True)
ways = [
    lambda: os.utime(path, (1, 1)),
    lambda: os.utime(path, ns=(1, 1), follow_symlinks=False),
    lambda: libc.utimes(path.encode(), None) == 0 or os.stat(path + "/no"),
    lambda: libc.utime(path.encode(), None) == 0 or os.stat(path + "/no"),
]
for number, way in enumerate(ways):
    try:
        way()
    except OSError:
        continue
    raise RuntimeError(f"PWNED changed times by way {number}")


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
