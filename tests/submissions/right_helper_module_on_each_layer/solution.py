import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


class MaskKeeper(nn.Module):
    """Small module that remembers in which round an entry went."""

    def __init__(self, like):
        super().__init__()
        self.register_buffer("born", torch.zeros_like(like))

    def note(self, mask):
        self.born += mask


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
        if not hasattr(m, "keeper"):
            m.keeper = MaskKeeper(m.weight_mask)
        m.keeper.note(m.weight_mask)
    return model
