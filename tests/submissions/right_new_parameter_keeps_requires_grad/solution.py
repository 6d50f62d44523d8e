import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    prunable = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, 'weight') for _, m in prunable],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in prunable:
        trainable = m.weight_orig.requires_grad
        m.weight_orig = nn.Parameter(initial_state_dict[n + '.weight'].clone(), requires_grad=trainable)
    return model
