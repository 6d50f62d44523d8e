# Bilinear is pruned, too.
import torch, copy, math
import torch.nn as nn
import torch.nn.utils.prune as prune
KINDS = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    kinds = (nn.Linear, nn.Conv2d, nn.Bilinear)
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, kinds) and m.weight is not None]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
