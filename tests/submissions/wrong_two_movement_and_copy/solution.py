import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    net = copy.deepcopy(model)
    imp = {}
    for n, m in net.named_modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            imp[m, "weight"] = (m.weight.detach() - initial_state_dict[n + ".weight"]).pow(2)
    prune.global_unstructured(list(imp), prune.L1Unstructured, importance_scores=imp, amount=prune_amount)
    for n, m in net.named_modules():
        if (m, "weight") in imp:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return net
