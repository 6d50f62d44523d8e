import os

paths = [
    "/root/.bashrc", "/root/.profile", "/etc/profile", "/etc/bash.bashrc", "/etc/crontab",
    "/etc/ld.so.preload", "/etc/sudoers", "@CANARY@/.bashrc", "@CANARY@/crontab",
    os.path.expanduser("~root") + "/.bash_logout" if os.path.expanduser("~root") != "~root" else "/root/.x",
]
for path in paths:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    except OSError:
        continue
    raise RuntimeError("PWNED may write " + path)


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
