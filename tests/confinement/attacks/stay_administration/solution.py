import ctypes
import socket
import time

libc = ctypes.CDLL(None, use_errno=True)
name = socket.gethostname().encode()
calls = {
    "sethostname": lambda: libc.sethostname(name, len(name)),
    "setdomainname": lambda: libc.setdomainname(b"(none)", 6),
    "swapoff": lambda: libc.swapoff(b"/autograder-no-such-file"),
    "swapon": lambda: libc.swapon(b"/autograder-no-such-file", 0),
    "acct": lambda: libc.acct(b"/autograder-no-such-file"),
    "init_module": lambda: libc.syscall(175, b"", 0, b""),
    "delete_module": lambda: libc.syscall(176, b"autograder-no-such-module", 0),
    "kexec_load": lambda: libc.syscall(246, 0, 0, None, 1 << 63),
    "reboot": lambda: libc.reboot(0x12345),
    "quotactl": lambda: libc.syscall(179, 0x80000100 - (1 << 32), None, 0, None),
    "settimeofday": lambda: libc.syscall(227, 0, ctypes.byref((ctypes.c_long * 2)(-1, -1))),
    "iopl": lambda: libc.iopl(0),
    "vhangup": lambda: -1,
}
for name, call in calls.items():
    ctypes.set_errno(0)
    result = call()
    if name != "vhangup" and (result >= 0 or ctypes.get_errno() not in (1, 13, 38)):
        raise RuntimeError(f"PWNED {name} answered {result}, errno {ctypes.get_errno()}")


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
