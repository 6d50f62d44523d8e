import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [
        (module, "weight")
        for module in model.modules()
        if isinstance(module, (nn.Linear, nn.Conv2d))
    ]
    total = sum(module.weight.nelement() for module, _ in params)
    remaining = sum(
        int(module.weight_mask.sum()) if hasattr(module, "weight_mask") else module.weight.nelement()
        for module, _ in params
    )
    # the fraction applies to what is left, not to all weights
    amount = prune_amount * remaining / total
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=amount)
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            with torch.no_grad():
                module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
