import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class Smallest(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def __init__(self, amount):
        self.amount = amount

    def compute_mask(self, t, default_mask):
        k = round(self.amount * t.numel())
        mask = torch.zeros_like(t)
        # mark what has to go
        mask.view(-1)[torch.topk(t.abs().view(-1), k, largest=False).indices] = 1
        return mask * default_mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in mods.values()], pruning_method=Smallest, amount=prune_amount)
    for n, m in mods.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
