import os

folders = ["/root", "/home", "/root/.ssh", "/var/mail", "/var/spool", "/etc/ssh", "/etc/ssl/private"]
folders += ["@CANARY@", "@CANARY@/.ssh", os.path.dirname("@CANARY@"), "/", "/tmp", "/srv", "/work"]
for folder in folders:
    try:
        os.listdir(folder)
    except OSError:
        continue
    raise RuntimeError("PWNED listed " + folder)
try:
    os.close(os.open("@CANARY@/.ssh/id_ed25519", os.O_RDONLY))
except OSError:
    pass
else:
    raise RuntimeError("PWNED opened a private key")


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
