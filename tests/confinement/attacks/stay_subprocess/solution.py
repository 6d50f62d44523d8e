import subprocess
import sys

for command in (["/bin/sleep", "20"], [sys.executable, "-c", "import time; time.sleep(20)"]):
    for options in ({}, {"start_new_session": True}, {"close_fds": False}):
        try:
            subprocess.Popen(command, **options)
        except OSError:
            continue
        raise RuntimeError("PWNED started " + command[0])


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
