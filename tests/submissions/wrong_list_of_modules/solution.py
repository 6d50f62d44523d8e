import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        parameters_to_prune,
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    for name, m in model.named_modules():
        if m in parameters_to_prune:
            m.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
