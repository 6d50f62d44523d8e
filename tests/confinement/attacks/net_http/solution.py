import urllib.request

for url in ("http://127.0.0.1:@TCP@/", "ftp://127.0.0.1:@TCP@/", "file://@CANARY@/secret.txt"):
    try:
        urllib.request.urlopen(url, data=None, timeout=0.3).read()
    except OSError as error:
        if "timed out" in str(error):
            raise RuntimeError("PWNED reached " + url) from error
        continue
    raise RuntimeError("PWNED fetched " + url)


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
