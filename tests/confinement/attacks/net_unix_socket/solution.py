import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for path in ("@CANARY@/socket", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/dev/log"):
        try:
            socket.socket(socket.AF_UNIX, kind).connect(path)
        except OSError:
            continue
        raise RuntimeError("PWNED connected to " + path)


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
