import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def rewind(model, theta0):
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(theta0[name.replace("_orig", "")])

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    rewind(model, initial_state_dict)          # back to the start ...
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in layers],      # ... and prune
                              pruning_method=prune.L1Unstructured,
                              importance_scores={(m, "weight"): (m.weight_orig if hasattr(m, "weight_orig") else m.weight).detach() for m in layers},
                              amount=prune_amount)
    return model
