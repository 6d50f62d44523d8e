import os

for number, target in enumerate(("@CANARY@/secret.txt", "/etc/passwd", "@REPO@/README.md", "/proc/self/environ")):
    try:
        os.symlink(target, f"link{number}")
        os.close(os.open(f"link{number}", os.O_RDONLY))
    except OSError:
        continue
    raise RuntimeError("PWNED followed a link to " + target)
try:
    os.link("@CANARY@/secret.txt", "hard")
except OSError:
    pass
else:
    raise RuntimeError("PWNED made a hard link to the secret")


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
