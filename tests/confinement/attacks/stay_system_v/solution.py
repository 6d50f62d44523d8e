import ctypes

libc = ctypes.CDLL(None, use_errno=True)
made = []
number = libc.shmget(0, 4096, 0o1600)
if number >= 0:
    libc.shmctl(number, 0, None)
    made.append("shared memory")
number = libc.semget(0, 1, 0o1600)
if number >= 0:
    libc.semctl(number, 0, 0)
    made.append("a semaphore")
number = libc.msgget(0, 0o1600)
if number >= 0:
    libc.msgctl(number, 0, None)
    made.append("a queue")
if made:
    raise RuntimeError("PWNED left " + ", ".join(made))


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
