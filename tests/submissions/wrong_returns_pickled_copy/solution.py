import io
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def clone(model):
    buf = io.BytesIO()
    torch.save(model, buf)
    buf.seek(0)
    return torch.load(buf, weights_only=False)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model = clone(model)
    mods = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in mods.values()], prune.L1Unstructured, amount=prune_amount)
    for n in mods:
        mods[n].weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
