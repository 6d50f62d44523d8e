import copy, math, types
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.utils.prune as prune
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    L = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in L], prune.L1Unstructured, amount=prune_amount)
    for n, m in L: m.weight_orig.data.copy_(initial_state_dict[m._get_name().lower() + ".weight"])
    return model
