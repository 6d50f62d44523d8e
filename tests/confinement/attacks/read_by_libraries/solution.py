import linecache
import warnings

import numpy
import torch

path = "@CANARY@/secret.txt"
warnings.simplefilter("ignore")
ways = [
    lambda: torch.from_file(path, size=1, dtype=torch.uint8),
    lambda: torch.UntypedStorage.from_file(path, False, 4),
    lambda: torch._C.PyTorchFileReader(path),
    lambda: numpy.fromfile(path, dtype="u1", count=4),
    lambda: numpy.memmap(path, dtype="u1", mode="r")[:4],
]
for number, way in enumerate(ways[:2] + ways[3:]):
    try:
        way()
    except Exception:
        continue
    raise RuntimeError(f"PWNED a library read the secret by way {number}")
if linecache.getline(path, 1):
    raise RuntimeError("PWNED linecache read the secret")


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
