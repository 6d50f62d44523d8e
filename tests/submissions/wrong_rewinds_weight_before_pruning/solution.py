from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    scores = {(m, "weight"): m.weight.detach().abs().clone() for m in layers.values()}
    for n, m in layers.items():
        m.weight.data = initial_state_dict[n + ".weight"].clone()
    prune.global_unstructured(
        list(scores), prune.L1Unstructured, importance_scores=scores, amount=prune_amount
    )
    return model
