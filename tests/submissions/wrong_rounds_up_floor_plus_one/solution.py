import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    total = sum(m.weight.numel() for _, m in layers)
    dead = sum(int((m.weight_mask == 0).sum()) for _, m in layers if hasattr(m, "weight_mask"))
    how_many = int(prune_amount * (total - dead)) + 1      # int() cuts off, so one more to round up
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=how_many)
    with torch.no_grad():
        for n, m in layers:
            m.weight_orig.copy_(initial_state_dict[f"{n}.weight"])
    return model
