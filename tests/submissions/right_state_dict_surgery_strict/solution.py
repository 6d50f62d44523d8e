import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = tuple(
        (module, "weight") for module in model.modules() if isinstance(module, (nn.Linear, nn.Conv2d))
    )
    prune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)

    # the pruned model calls them ..._orig now and additionally wants its masks
    new_sd = {}
    for key in model.state_dict():
        if key.endswith("weight_mask"):
            new_sd[key] = model.state_dict()[key]
        elif key.endswith("weight_orig"):
            new_sd[key] = initial_state_dict[key.replace("weight_orig", "weight")]
        else:
            new_sd[key] = initial_state_dict[key]
    model.load_state_dict(new_sd, strict=True)
    return model
