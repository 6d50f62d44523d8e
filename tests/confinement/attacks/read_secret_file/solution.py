import io
import mmap
import os
import pathlib

path = "@CANARY@/secret.txt"
ways = [
    lambda: open(path).read(),
    lambda: io.FileIO(path).read(),
    lambda: pathlib.Path(path).read_bytes(),
    lambda: os.read(os.open(path, os.O_RDONLY), 9),
    lambda: mmap.mmap(os.open(path, os.O_RDONLY), 0, prot=mmap.PROT_READ)[:9],
    lambda: os.read(os.open("secret.txt", os.O_RDONLY, dir_fd=os.open("@CANARY@", os.O_PATH)), 9),
    lambda: os.read(os.open("/proc/self/fd/%d" % os.open(path, os.O_PATH), os.O_RDONLY), 9),
    lambda: os.read(os.open("/proc/self/root" + path, os.O_RDONLY), 9),
    lambda: os.read(os.open("../.." + path, os.O_RDONLY), 9),
]
for number, way in enumerate(ways):
    try:
        data = way()
    except OSError:
        continue
    raise RuntimeError(f"PWNED read the secret by way {number}")


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
