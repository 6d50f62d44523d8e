def reads(path):
    try:
        with open(path, "rb") as stream:
            return bool(stream.read(1))
    except OSError:
        return False


import os

for pid in (os.getppid(), "@GRADER@"):
    for name in ("cmdline", "maps", "status", "stat", "comm", "mountinfo", "smaps"):
        if reads(f"/proc/{pid}/{name}"):
            raise RuntimeError(f"PWNED read {name} of {pid}")
    for name in ("fd", "task", "map_files", "ns"):
        try:
            os.listdir(f"/proc/{pid}/{name}")
        except OSError:
            continue
        raise RuntimeError(f"PWNED listed {name} of {pid}")


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
