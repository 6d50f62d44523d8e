import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("here")
calls = {
    "mount tmpfs": lambda: libc.mount(b"none", b"here", b"tmpfs", 0, None),
    "bind mount": lambda: libc.mount(b"@CANARY@", b"here", None, 4096, None),
    "mount proc": lambda: libc.mount(b"none", b"here", b"proc", 0, None),
    "open_tree": lambda: libc.syscall(428, -100, b"here", 1),
    "fsopen": lambda: libc.syscall(430, b"tmpfs", 0),
    "unshare user": lambda: libc.unshare(0x10000000),
    "unshare mount": lambda: libc.unshare(0x00020000),
    "unshare network": lambda: libc.unshare(0x40000000),
    "chroot": lambda: libc.chroot(b"."),
    "pivot_root": lambda: libc.syscall(155, b".", b"here"),
}
done = [name for name, call in calls.items() if call() >= 0]
for _ in done:
    libc.umount2(b"here", 2)
if done:
    raise RuntimeError("PWNED " + ", ".join(done))


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
