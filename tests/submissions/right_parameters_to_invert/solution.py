import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

class KeepLargest(prune.BasePruningMethod):
    # thinks the other way round: which ones do we keep?
    PRUNING_TYPE = 'unstructured'
    def __init__(self, amount):
        self.amount = amount
    def compute_mask(self, t, default_mask):
        n = t.nelement()
        n_keep = n - round(self.amount * n)
        parameters_to_invert = torch.topk(t.abs().view(-1), k=n_keep, largest=True).indices
        mask = torch.zeros_like(default_mask)
        mask.view(-1)[parameters_to_invert] = 1
        return mask * default_mask

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, 'weight') for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    prune.global_unstructured(params, pruning_method=KeepLargest, amount=prune_amount)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith('.weight_orig'):
                p.copy_(initial_state_dict[name.removesuffix('_orig')])
    return model
