import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    kinds = (nn.Linear, nn.Conv2d, nn.RMSNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
    layers = []
    for name, module in model.named_modules():
        if isinstance(module, kinds) and module.weight is not None:
            layers.append((name, module))
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    for name, module in layers:
        module.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
