import glob
import os

paths = [
    "@REPO@/solutions/lottery_ticket.py",
    "@REPO@/solutions/lottery_ticket/find_winning_ticket.ipynb",
    "@REPO@/tests/submissions/right_textbook/solution.py",
    "@REPO@/tests/submissions/right_textbook/verdict.json",
    "@REPO@/autograder/judge.py",
    "@REPO@/README.md",
    "@REPO@/.git/HEAD",
]
for path in paths:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        continue
    raise RuntimeError("PWNED opened " + path)
for folder in ("@REPO@", "@REPO@/tests", "@REPO@/autograder", "@REPO@/.."):
    try:
        os.listdir(folder)
    except OSError:
        continue
    raise RuntimeError("PWNED listed " + folder)


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
