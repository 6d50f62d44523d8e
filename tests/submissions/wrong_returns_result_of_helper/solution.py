import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class Ticket:
    def __init__(self, model, theta0):
        self.model, self.theta0 = model, theta0
        self.layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]

    def prune(self, amount):
        prune.global_unstructured([(m, "weight") for _, m in self.layers], prune.L1Unstructured, amount=amount)

    def rewind(self):
        with torch.no_grad():
            for n, m in self.layers:
                m.weight_orig.copy_(self.theta0[n + ".weight"])

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    t = Ticket(model, initial_state_dict)
    t.prune(prune_amount)
    return t.rewind()
