import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class LotteryPruner:
    KINDS = (nn.Linear, nn.Conv2d)

    def __init__(self, model, theta0):
        self.model, self.theta0 = model, theta0
        self.layers = {n: m for n, m in model.named_modules() if isinstance(m, self.KINDS)}

    def magnitudes(self):
        return {(m, "weight"): m.weight.detach().abs() for m in self.layers.values()}

    def prune(self, amount):
        prune.global_unstructured([(m, "weight") for m in self.layers.values()],
                                  pruning_method=prune.L1Unstructured,
                                  importance_scores=self.magnitudes(),
                                  amount=amount)
        return self

    def rewind(self):
        for n, m in self.layers.items():
            m.weight_orig.data.copy_(self.theta0[n + ".weight"])
        return self

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    LotteryPruner(model, initial_state_dict).prune(prune_amount).rewind()
    return model
