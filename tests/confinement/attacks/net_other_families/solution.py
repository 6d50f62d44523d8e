import socket

kinds = [
    (socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 0),
    (socket.AF_NETLINK, socket.SOCK_RAW, 0), (38, socket.SOCK_SEQPACKET, 0),
    (40, socket.SOCK_STREAM, 0), (socket.AF_INET, socket.SOCK_DGRAM, 1),
    (socket.AF_INET, socket.SOCK_STREAM, 132), (15, socket.SOCK_RAW, 2), (31, socket.SOCK_RAW, 0),
    (44, socket.SOCK_RAW, 0), (30, socket.SOCK_STREAM, 0), (43, socket.SOCK_STREAM, 0),
]
for kind in kinds:
    try:
        socket.socket(*kind).close()
    except OSError:
        continue
    raise RuntimeError(f"PWNED made a socket {kind}")


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
