import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    targets = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in targets],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in targets:
        local = m.state_dict()
        local["weight_orig"] = initial_state_dict[n + ".weight"]
        if "bias" in local:
            local["bias"] = initial_state_dict[n + ".bias"]
        m.load_state_dict(local)
    return model
