import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
info = ctypes.create_string_buffer(128)
info[8] = 0xFF
for pid in (os.getppid(), int("@GRADER@")):
    results = {
        "tkill": libc.syscall(200, pid, 0),
        "tgkill": libc.syscall(234, pid, pid, 0),
        "rt_sigqueueinfo": libc.syscall(129, pid, int(signal.SIGURG), info),
    }
    handle = libc.syscall(434, pid, 0)
    if handle >= 0:
        results["pidfd_send_signal"] = libc.syscall(424, handle, 0, None, 0)
    for name, result in results.items():
        if result == 0:
            raise RuntimeError(f"PWNED may signal {pid} by {name}")


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
