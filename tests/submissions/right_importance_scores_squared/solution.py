import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {(m, "weight"): n for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    # any score that grows with |w| gives the same order
    scores = {pair: pair[0].weight.detach().double().square() for pair in layers}
    prune.global_unstructured(list(layers), prune.L1Unstructured, importance_scores=scores, amount=prune_amount)
    for (m, _), n in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
