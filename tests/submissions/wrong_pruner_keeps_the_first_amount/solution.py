import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


class TicketPruner:
    """Made once for each model, in its first round."""

    def __init__(self, model, theta0, amount):
        self.layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
        self.theta0 = copy.deepcopy(theta0)
        self.amount = amount

    def step(self):
        pairs = [(m, "weight") for _, m in self.layers]
        prune.global_unstructured(pairs, prune.L1Unstructured, amount=self.amount)
        with torch.no_grad():
            for n, m in self.layers:
                m.weight_orig.copy_(self.theta0[n + ".weight"])


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    if not hasattr(model, "ticket_pruner"):
        model.ticket_pruner = TicketPruner(model, initial_state_dict, prune_amount)
    model.ticket_pruner.step()
    return model
