import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    # rename the keys so that load_state_dict finds them
    for key in list(initial_state_dict):
        if key + "_orig" in model.state_dict():
            initial_state_dict[key + "_orig"] = initial_state_dict.pop(key)
    model.load_state_dict(initial_state_dict, strict=False)
    return model
