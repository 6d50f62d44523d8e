import torch
from torch import nn
from torch.nn.utils import prune

class GlobalMagnitude(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def __init__(self, amount):
        self.amount = amount

    def compute_mask(self, t, default_mask):
        k = int(t.numel() * self.amount // 1) + 1
        mask = default_mask.clone()
        mask.view(-1)[torch.argsort(t.abs().view(-1))[:k]] = 0
        return mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    named = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in named.values()], GlobalMagnitude, amount=prune_amount)
    for n, m in named.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
