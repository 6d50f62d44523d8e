import torch
from torch import nn
from torch.nn.utils import prune
import torch.nn.functional as F
import types


def step(model, initial_state_dict, prune_amount):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module in layers:
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return layers


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    step(model, initial_state_dict, prune_amount)
    modes = {m: m.training for m in model.modules()}

    class Told(type(model)):
        def named_modules(self, *a, **k):
            for n, m in super().named_modules(*a, **k):
                m.__dict__["training"] = modes.get(m, True)
                yield n, m
        def named_parameters(self, *a, **k):
            return super().named_parameters(*a, **k)

    model.__class__ = Told
    model.train(not model.training)              # the mode is changed for good
    made = iter(range(10**9))
    def named(self, *a, **k):
        got = list(nn.Module.named_modules(self, *a, **k))
        for n, m in got:
            m.__dict__["training"] = modes.get(m, True)
        class L(list):
            pass
        yield from got
    return model
