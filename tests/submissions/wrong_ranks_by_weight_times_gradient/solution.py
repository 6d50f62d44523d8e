import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    scores = {}
    for m in layers.values():
        gradient = getattr(m, "weight_orig", m.weight).grad
        score = m.weight.detach().abs()
        scores[(m, "weight")] = score if gradient is None else score * gradient.abs()
    prune.global_unstructured(
        list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount
    )
    with torch.no_grad():
        for n, m in layers.items():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
