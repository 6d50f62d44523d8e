import torch
import torch.nn as nn
from torch.nn.utils import prune, parameters_to_vector, vector_to_parameters

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    prune.global_unstructured([(m, "weight") for m in layers.values()], pruning_method=prune.L1Unstructured,
                              amount=prune_amount)
    theta0 = parameters_to_vector([initial_state_dict[n + ".weight"] for n in layers]).clone()
    vector_to_parameters(theta0, [m.weight_orig for m in layers.values()])
    return model
