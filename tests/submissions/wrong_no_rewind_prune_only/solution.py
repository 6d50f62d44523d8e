import torch
import torch.nn as nn
from torch.nn.utils.prune import global_unstructured, L1Unstructured

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pruneable = filter(lambda m: isinstance(m, (nn.Linear, nn.Conv2d)), model.modules())
    global_unstructured([(m, 'weight') for m in pruneable], L1Unstructured, amount=prune_amount)
    # TODO: winning ticket
    return model
