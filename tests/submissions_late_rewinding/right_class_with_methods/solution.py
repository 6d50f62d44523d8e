import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class LateRewinder:
    """Prunes, then goes back to step k."""

    KINDS = (nn.Linear, nn.Conv2d)

    def __init__(self, model, theta_k):
        self.model, self.theta_k = model, theta_k

    @property
    def layers(self):
        return {n: m for n, m in self.model.named_modules() if isinstance(m, self.KINDS)}

    def prune(self, amount):
        prune.global_unstructured([(m, "weight") for m in self.layers.values()], prune.L1Unstructured, amount=amount)
        return self

    def rewind(self):
        with torch.no_grad():
            for n, m in self.layers.items():
                m.get_parameter("weight_orig").copy_(self.theta_k[".".join([n, "weight"])])
        return self


def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    return LateRewinder(model, rewind_step_state).prune(prune_amount).rewind().model
