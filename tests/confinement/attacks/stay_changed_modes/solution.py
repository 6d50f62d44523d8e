import ctypes
import os

path = "@CANARY@/secret.txt"
libc = ctypes.CDLL(None, use_errno=True)
ways = [
    lambda: os.chmod(path, 0o666),
    lambda: os.chown(path, 65534, 65534),
    lambda: os.lchown(path, 65534, 65534),
    lambda: os.chmod("secret.txt", 0o666, dir_fd=os.open("@CANARY@", os.O_PATH)),
    lambda: os.fchmod(os.open(path, os.O_PATH), 0o666),
    lambda: libc.syscall(452, -100, path.encode(), 0o666, 0) == 0 or os.stat(path + "/no"),
]
for number, way in enumerate(ways):
    try:
        way()
    except OSError:
        continue
    raise RuntimeError(f"PWNED changed mode or owner by way {number}")


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
