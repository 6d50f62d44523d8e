import os
import resource

free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
for name in ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "CORE", "MEMLOCK"):
    kind = getattr(resource, "RLIMIT_" + name)
    before = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, free)
    except (OSError, ValueError):
        pass
    if resource.getrlimit(kind)[1] != before[1]:
        raise RuntimeError("PWNED raised the limit " + name)
for pid in (os.getppid(), int("@GRADER@")):
    try:
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    except OSError:
        continue
    raise RuntimeError(f"PWNED may set limits of {pid}")


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
