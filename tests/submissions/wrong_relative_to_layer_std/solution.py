import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    # z-scores, so that layers are comparable
    z = {(m, "weight"): (m.weight.detach() / m.weight.detach().std()).abs() for _, m in mods}
    prune.global_unstructured([(m, "weight") for _, m in mods], prune.L1Unstructured, importance_scores=z, amount=prune_amount)
    with torch.no_grad():
        for n, m in mods:
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
