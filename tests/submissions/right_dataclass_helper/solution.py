from dataclasses import dataclass
import torch
from torch import nn
import torch.nn.utils.prune as prune

@dataclass
class Layer:
    name: str
    module: nn.Module

    @property
    def key(self):
        return f"{self.name}.weight"

    def rewind(self, theta0):
        self.module.weight_orig.detach().copy_(theta0[self.key])

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [Layer(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(l.module, "weight") for l in layers],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for l in layers:
        l.rewind(initial_state_dict)
    return model
