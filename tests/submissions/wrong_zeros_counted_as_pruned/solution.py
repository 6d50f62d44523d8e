import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = dict((n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d)))
    # weights that are 0 are the ones we pruned before
    alive = 0
    for m in layers.values():
        alive += int((m.weight != 0).sum())
    n_prune = round(alive * prune_amount)
    prune.global_unstructured([(m, "weight") for m in layers.values()],
                              pruning_method=prune.L1Unstructured, amount=n_prune)
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
