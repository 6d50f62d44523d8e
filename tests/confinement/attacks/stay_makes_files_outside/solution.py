import os
import socket
import stat

place = "@CANARY@/autograder-pwned"
ways = [
    lambda: os.mkdir(place),
    lambda: os.mknod(place, 0o600 | stat.S_IFREG),
    lambda: os.mknod(place, 0o600 | stat.S_IFCHR, os.makedev(1, 3)),
    lambda: os.mkfifo(place),
    lambda: os.symlink("/", place),
    lambda: socket.socket(socket.AF_UNIX).bind(place),
    lambda: os.rmdir("@CANARY@/empty"),
    lambda: os.link("@CANARY@/secret.txt", place),
]
for number, way in enumerate(ways):
    try:
        way()
    except OSError:
        continue
    raise RuntimeError(f"PWNED made something outside by way {number}")


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
