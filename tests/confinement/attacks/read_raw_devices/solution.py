import os

for name in ("mem", "kmem", "kmsg", "port", "sda", "vda", "nvme0n1", "nbd0", "loop0", "tty", "ptmx"):
    try:
        os.close(os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        continue
    raise RuntimeError("PWNED opened /dev/" + name)
for path in ("/sys/kernel", "/sys/class/net", "/sys/fs/cgroup", "/sys/block", "/run", "/var/log"):
    try:
        os.listdir(path)
    except OSError:
        continue
    raise RuntimeError("PWNED listed " + path)


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
