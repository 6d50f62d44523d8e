import torch
from torch import nn
from torch.nn.utils import prune


class SmallestGlobally(prune.BasePruningMethod):
    """Keeps everything except the k entries of smallest magnitude."""
    PRUNING_TYPE = "unstructured"

    def __init__(self, fraction):
        self.fraction = fraction

    def compute_mask(self, t, default_mask):
        mask = default_mask.clone()
        k = round(self.fraction * t.numel())
        if k > 0:
            mask.view(-1)[t.abs().view(-1).argsort()[:k]] = 0
        return mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(params, pruning_method=SmallestGlobally, fraction=prune_amount)
    for name, m in model.named_modules():
        if (m, "weight") in params:
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
