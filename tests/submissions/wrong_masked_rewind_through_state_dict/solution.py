import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    sd = model.state_dict()
    for key in sd:
        if key.endswith("_orig"):
            base = key[:-len("_orig")]
            w = initial_state_dict[base].clone()
            w[sd[base + "_mask"] == 0] = 0.0
            sd[key] = w
    model.load_state_dict(sd)
    return model
