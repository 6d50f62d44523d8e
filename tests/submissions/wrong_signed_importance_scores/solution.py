import torch
import torch.nn as nn
from torch.nn.utils import prune

class Smallest(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"
    def __init__(self, amount):
        self.amount = amount
    def compute_mask(self, t, default_mask):
        mask = default_mask.clone()
        k = round(self.amount * t.nelement())
        mask.view(-1)[torch.argsort(t.view(-1))[:k]] = 0
        return mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, pruning_method=Smallest, amount=prune_amount)
    with torch.no_grad():
        for key, value in initial_state_dict.items():
            mod, _, leaf = key.rpartition(".")
            if leaf == "weight" and (model.get_submodule(mod), "weight") in ps:
                model.get_submodule(mod).weight_orig.copy_(value)
    return model
