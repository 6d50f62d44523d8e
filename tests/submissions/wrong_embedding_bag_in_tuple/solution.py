import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

PRUNABLE = (nn.Linear, nn.Conv2d, nn.EmbeddingBag)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, PRUNABLE)]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
