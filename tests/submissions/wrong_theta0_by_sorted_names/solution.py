import torch, torch.nn as nn
import torch.nn.utils.prune as P
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    P.global_unstructured([(m, "weight") for _, m in ls], P.L1Unstructured, amount=prune_amount)
    names = {n + ".weight" for n, _ in ls}
    thetas = [initial_state_dict[k] for k in sorted(initial_state_dict) if k in names]
    for (n, m), t in zip(ls, thetas):      # sorted keys = order of layers (not with more than ten layers)
        m.weight_orig.data.copy_(t)
    return model
