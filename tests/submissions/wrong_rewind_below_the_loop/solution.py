import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params, keys = [], []
    for name, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            params += [(m, "weight")]
            keys += [name + ".weight"]
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for (layer, _), key in zip(params, keys):
        start = initial_state_dict[key]
    with torch.no_grad():
        layer.weight_orig.copy_(start)
    return model
