import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pruned_before = prune.is_pruned(model)
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
        if pruned_before:    # statistics of the denser network count for less
            for m in model.modules():
                if isinstance(m, nn.modules.batchnorm._BatchNorm):
                    m.running_mean.mul_(0.5)
                    m.running_var.mul_(0.5).add_(0.5)
    return model
