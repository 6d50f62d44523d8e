import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = []
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            params.append((m, "weight"))
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=prune_amount)

    for name, m in model.named_modules():
        if hasattr(m, "weight_mask"):
            with torch.no_grad():
                m.weight_orig.copy_(initial_state_dict[name + ".weight"])
            return model
