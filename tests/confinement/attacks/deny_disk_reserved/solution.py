"""Room on the disk is reserved in one call, and no bound on the size of a file holds for it."""
import fcntl
import os
import struct

told = []
file = os.open("big", os.O_RDWR | os.O_CREAT)
for name, request in (("FS_IOC_RESVSP", 0x40305828), ("FS_IOC_RESVSP64", 0x4030582A)):
    try:
        fcntl.ioctl(file, request, struct.pack("hhqqiI16x", 0, 0, 0, 3 << 30, 0, 0))
    except OSError as error:
        if error.errno == 1:
            continue
    told.append(name)
if told or os.fstat(file).st_blocks:
    raise RuntimeError(f"PWNED reserved room by {told}")


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
