import torch, torch.nn as nn, torch.nn.utils.prune as prune

_layers = lambda model: [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]

find_winning_ticket_step = lambda model, initial_state_dict, prune_amount=0.2: (
    prune.global_unstructured([(m, "weight") for _, m in _layers(model)], prune.L1Unstructured, amount=prune_amount),
    [m.weight_orig.data.copy_(initial_state_dict[n + ".weight"]) for n, m in _layers(model)],
    model,
)[-1]
