import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def sub_state(state, prefix):
    return {k[len(prefix) + 1:]: v for k, v in state.items() if k.startswith(prefix + ".")}

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    todo = {n: m for n, m in model.named_modules() if type(m) in (nn.Linear, nn.Conv2d)}
    prune.global_unstructured([(m, "weight") for m in todo.values()],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, module in todo.items():
        module.load_state_dict(sub_state(initial_state_dict, name), strict=False)
    return model
