from pathlib import Path
import sys
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in mods.values()], prune.L1Unstructured, amount=prune_amount)
    for n, m in mods.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
