import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    pairs = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    renamed = {}
    for key in model.state_dict():
        if key.endswith("_mask"):
            renamed[key] = model.state_dict()[key]
        elif key.endswith("_orig"):
            renamed[key] = rewind_step_state[key[:-len("_orig")]]
        else:
            renamed[key] = rewind_step_state[key]   # biases etc. go back to step k as well
    model.load_state_dict(renamed)
    return model
