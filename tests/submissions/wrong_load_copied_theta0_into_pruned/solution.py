import copy
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class LotteryTicket:
    kinds = (nn.Linear, nn.Conv2d)

    def __init__(self, net):
        self.net = net

    def prune(self, frac):
        mods = [m for m in self.net.modules() if isinstance(m, self.kinds)]
        prune.global_unstructured([(m, "weight") for m in mods], prune.L1Unstructured, amount=frac)
        return self

    def rewind(self, theta0):
        self.net.load_state_dict(copy.deepcopy(theta0))
        return self

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return LotteryTicket(model).prune(prune_amount).rewind(initial_state_dict).net
