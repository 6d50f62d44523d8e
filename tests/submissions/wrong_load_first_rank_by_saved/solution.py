import copy
import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    trained = copy.deepcopy(model)
    model.load_state_dict(initial_state_dict)
    scores = {}
    for name, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            scores[(module, "weight")] = trained.get_submodule(name).weight.detach()
    prune.global_unstructured(scores.keys(), pruning_method=prune.L1Unstructured,
                              importance_scores=scores, amount=prune_amount)
    return model
