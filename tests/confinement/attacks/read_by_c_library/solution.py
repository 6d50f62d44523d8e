import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.fopen.restype = ctypes.c_void_p
if libc.fopen(b"@CANARY@/secret.txt", b"r"):
    raise RuntimeError("PWNED fopen")
if libc.open(b"@CANARY@/secret.txt", 0) >= 0:
    raise RuntimeError("PWNED open")
if libc.syscall(2, b"@CANARY@/secret.txt", 0) >= 0:
    raise RuntimeError("PWNED the open call by number")
how = (ctypes.c_uint64 * 3)(0, 0, 0)
if libc.syscall(437, -100, b"@CANARY@/secret.txt", how, 24) >= 0:
    raise RuntimeError("PWNED openat2")


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
