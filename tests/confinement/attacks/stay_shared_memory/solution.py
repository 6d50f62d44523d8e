from multiprocessing import shared_memory

try:
    block = shared_memory.SharedMemory("autograder-pwned", create=True, size=16)
except (OSError, ImportError):
    block = None
if block is not None:
    block.unlink()
    raise RuntimeError("PWNED left shared memory")
try:
    import _multiprocessing

    lock = _multiprocessing.SemLock(1, 1, 1, "/autograder-pwned", True)
except OSError:
    pass
else:
    raise RuntimeError("PWNED left a semaphore")


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
