import copy, math
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    was = model.training
    modes = [(c, c.training) for c in model.children()]
    model.eval()
    ls = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, 'weight') for _, m in ls], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in ls: m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
    model.training = was
    for c, t in modes: c.train(t)
    return model
