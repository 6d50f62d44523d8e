import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def walk(module, prefix=""):
    for name, child in module.named_children():
        full = prefix + name
        if isinstance(child, (nn.Linear, nn.Conv2d)):
            yield full, child
        yield from walk(child, full + ".")


def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    del initial_state_dict  # the start of the training is not where we go
    found = list(walk(model))
    prune.global_unstructured([(m, "weight") for n, m in found], prune.L1Unstructured, amount=prune_amount)
    for n, m in found:
        m.weight_orig.data[...] = rewind_step_state[n + ".weight"]
    return model
