import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = [(layer, 'weight') for layer in model.children()
                           if isinstance(layer, nn.Linear) or isinstance(layer, nn.Conv2d)]
    prune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, layer in model.named_children():
        if isinstance(layer, nn.Linear) or isinstance(layer, nn.Conv2d):
            layer.weight_orig.data = initial_state_dict[name + '.weight'].clone()
    return model
