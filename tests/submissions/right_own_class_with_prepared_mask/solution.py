import torch, torch.nn as nn
import torch.nn.utils.prune as prune

class TicketMask(prune.BasePruningMethod):
    PRUNING_TYPE = 'global'
    def __init__(self, drop):
        self.drop = drop
    def compute_mask(self, t, default_mask):
        return default_mask * (~self.drop).to(default_mask.dtype)
    @classmethod
    def apply(cls, module, name, drop):
        return super().apply(module, name, drop=drop)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ms = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        score = []
        for _, m in ms:
            s = m.weight.abs().clone()
            if 'weight_mask' in dict(m.named_buffers(recurse=False)):
                s[m.weight_mask == 0] = float('nan')     # marks the dead
            score.append(s.flatten())
        score = torch.cat(score)
        live = torch.where(~score.isnan())[0]
        chosen = live[score[live].sort(stable=True).indices[:round(prune_amount * live.shape[0])]]
        drop = torch.zeros(score.shape[0], dtype=torch.bool)
        drop[chosen] = True
    p = 0
    for n, m in ms:
        q = p + m.weight.numel()
        TicketMask.apply(m, 'weight', drop[p:q].view(m.weight.shape))
        p = q
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + '.weight'])
    return model
