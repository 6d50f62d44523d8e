import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
calls = {"fork": (57,), "clone": (56, 17, 0, 0, 0, 0), "clone untraced": (56, 0x00800011, 0, 0, 0, 0)}
arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
calls["clone3"] = (435, arguments, 88)
for name, call in calls.items():
    pid = libc.syscall(*call)
    if pid == 0:
        libc._exit(0)
    if pid > 0:
        raise RuntimeError("PWNED started a process by " + name)


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
