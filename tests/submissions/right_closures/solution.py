import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def make_stepper(kinds):
    def targets(model):
        return [(n, m) for n, m in model.named_modules() if isinstance(m, kinds)]

    def do_prune(model, amount):
        prune.global_unstructured([(m, "weight") for _, m in targets(model)],
                                  pruning_method=prune.L1Unstructured, amount=amount)

    def rewind(model, theta0):
        for n, m in targets(model):
            m.weight_orig.data.copy_(theta0[n + ".weight"])

    def step(model, theta0, amount):
        do_prune(model, amount)
        rewind(model, theta0)
        return model
    return step

_step = make_stepper((nn.Linear, nn.Conv2d))

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return _step(model, initial_state_dict, prune_amount)
