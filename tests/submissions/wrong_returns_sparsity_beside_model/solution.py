import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in ps], prune.L1Unstructured, amount=prune_amount)
    for n, m in ps:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    zeros = sum(int((m.weight_mask == 0).sum()) for _, m in ps)
    total = sum(m.weight_mask.numel() for _, m in ps)
    return model, zeros / total
