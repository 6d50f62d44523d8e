import os
import shutil
import sqlite3

for path in ("@CANARY@/gradebook.db", "@CANARY@/learner/solution.py", "@CANARY@/secret.txt"):
    ways = [
        lambda: os.close(os.open(path, os.O_WRONLY)),
        lambda: os.truncate(path, 3),
        lambda: os.close(os.open(path, os.O_WRONLY | os.O_TRUNC)),
        lambda: os.rename(path, path + ".pwned"),
        lambda: os.replace(path, "mine"),
        lambda: os.remove(path),
        lambda: shutil.move(path, "mine"),
    ]
    for number, way in enumerate(ways):
        try:
            way()
        except OSError:
            continue
        raise RuntimeError(f"PWNED touched {path} by way {number}")
try:
    base = sqlite3.connect("@CANARY@/gradebook.db")
    base.execute("update grade set points = 10")
    base.commit()
except sqlite3.Error:
    pass
else:
    raise RuntimeError("PWNED changed a grade")


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
