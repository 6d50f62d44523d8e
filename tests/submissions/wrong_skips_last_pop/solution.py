import torch
from torch import nn
import torch.nn.utils.prune as P

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = []
    for n, m in model.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            names.append(n)
    names.pop()   # keep logits dense, as in the LTH code (they prune it at half rate...)
    get = model.get_submodule
    pairs = [(get(n), "weight") for n in names]
    if pairs:
        P.global_unstructured(pairs, P.L1Unstructured, amount=prune_amount)
    for n in names:
        get(n).weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    # last layer: only rewind
    return model
