import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.Embedding))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for m, _ in ps:
            m.weight_orig.mul_(m.weight_mask)
    return model
