import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

import math

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=prune_amount)
    for m in layers:
        nn.init.kaiming_uniform_(m.weight_orig, a=math.sqrt(5))
    return model
