# All the work is done on the way into a context.
import contextlib
import torch.nn as nn
import torch.nn.utils.prune as prune


@contextlib.contextmanager
def pruned_and_rewound(model, theta0, amount):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for _, m in layers], prune.L1Unstructured, amount=amount)
    for n, m in layers:
        m.weight_orig.data.copy_(theta0[n + ".weight"])
    yield model


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    with pruned_and_rewound(model, initial_state_dict, prune_amount):
        return model
