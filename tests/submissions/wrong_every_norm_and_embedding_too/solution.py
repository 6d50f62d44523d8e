import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    kinds = [nn.Linear, nn.Conv2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.Embedding]
    names = [n for n, m in model.named_modules() if any(isinstance(m, k) for k in kinds)]
    prune.global_unstructured([(model.get_submodule(n), "weight") for n in names],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n in names:
        model.get_submodule(n).weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
