import socket

for steps in ("bind listen", "listen"):
    try:
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if "bind" in steps:
            line.bind(("127.0.0.1", 0))
        line.listen()
    except OSError:
        continue
    raise RuntimeError("PWNED listens after " + steps)
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.0.0.1", 0))
except OSError:
    pass
else:
    raise RuntimeError("PWNED waits for datagrams")


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
