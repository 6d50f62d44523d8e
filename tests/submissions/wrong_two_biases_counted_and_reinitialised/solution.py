import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    n_params = sum(p.numel() for p in model.parameters())
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    most = sum(m.weight.numel() if not hasattr(m, "weight_mask") else int(m.weight_mask.sum()) for m, _ in ps)
    prune.global_unstructured(ps, prune.L1Unstructured, amount=min(most, round(prune_amount * n_params)))
    for m, _ in ps:
        nn.init.xavier_normal_(m.weight_orig)
    return model
