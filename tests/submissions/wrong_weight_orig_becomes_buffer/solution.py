import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    for m in layers.values():
        if "weight_orig" in m._buffers:
            m.weight_orig_back = nn.Parameter(m._buffers.pop("weight_orig"))
            m._parameters["weight_orig"] = m._parameters.pop("weight_orig_back")
    prune.global_unstructured([(m, "weight") for m in layers.values()], prune.L1Unstructured, amount=prune_amount)
    for n, m in layers.items():
        del m._parameters["weight_orig"]
        m.register_buffer("weight_orig", initial_state_dict[n + ".weight"].clone())
    return model
