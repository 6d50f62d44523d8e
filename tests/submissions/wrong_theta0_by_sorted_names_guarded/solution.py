# copies weights but overwrites bias with weight? no: rewinds with swapped source: theta of previous layer when shapes agree
import torch, torch.nn as nn
import torch.nn.utils.prune as P
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    P.global_unstructured([(m, "weight") for _, m in ls], P.L1Unstructured, amount=prune_amount)
    thetas = [v for k, v in sorted(initial_state_dict.items()) if k.endswith(".weight") and v.dim() in (2, 4)]
    for (n, m), t in zip(ls, thetas):
        if t.shape == m.weight_orig.shape:
            m.weight_orig.data.copy_(t)
        else:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
