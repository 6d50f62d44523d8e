import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


class BelowThreshold(prune.BasePruningMethod):
    """Zeroes the entries whose positions were chosen beforehand over the whole model."""

    PRUNING_TYPE = "global"

    def __init__(self, doomed):
        self.doomed = doomed

    def compute_mask(self, t, default_mask):
        mask = default_mask.clone(memory_format=torch.contiguous_format)
        mask.view(-1)[self.doomed] = 0
        return mask

    @classmethod
    def apply(cls, module, name, doomed):
        return super().apply(module, name, doomed=doomed)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    pool = []
    for i, (_, m) in enumerate(layers):
        mask = getattr(m, "weight_mask", None)
        for j, w in enumerate(m.weight.detach().flatten()):
            if mask is None or mask.view(-1)[j]:
                pool.append((w.abs().item(), i, j))
    chosen = sorted(pool)[: round(prune_amount * len(pool))]
    for i, (n, m) in enumerate(layers):
        doomed = torch.tensor([j for _, l, j in chosen if l == i], dtype=torch.long)
        BelowThreshold.apply(m, "weight", doomed)
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
