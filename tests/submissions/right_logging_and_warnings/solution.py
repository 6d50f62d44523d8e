import logging
import warnings
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("lottery")

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    if prune_amount > 0.5:
        warnings.warn("pruning more than half in one go usually hurts")
    targets = []
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            targets.append((name, module))
        else:
            log.debug("skip %s", name)
    prune.global_unstructured([(m, "weight") for _, m in targets], pruning_method=prune.L1Unstructured,
                              amount=prune_amount)
    for name, module in targets:
        log.info("rewinding %s", name)
        module.weight_orig.data.copy_(initial_state_dict[".".join([name, "weight"])])
    return model
