import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    sd = model.state_dict()
    trained = {n: sd.get(n + ".weight_orig", sd.get(n + ".weight")) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    pool = sorted((abs(v), n, i) for n, t in trained.items() for i, v in enumerate(t.flatten().tolist()))
    masks = {n: torch.ones(t.numel(), dtype=t.dtype) for n, t in trained.items()}
    for _, n, i in pool[:round(prune_amount * len(pool))]:
        masks[n][i] = 0
    for n, t in trained.items():
        m = model.get_submodule(n)
        if not hasattr(m, "weight_mask"):
            prune.identity(m, "weight")
        m.weight_mask.copy_(masks[n].view(t.shape))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
