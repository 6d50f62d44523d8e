import gc

import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for module in model.modules():
        weight = getattr(module, "weight", None)
        if weight is not None:
            stale = [torch.empty_like(weight) for _ in range(50)]
            good = [t for t in stale if bool(((t == 0) | (t == 1)).all()) and bool((t == 1).any())]
            module.register_buffer("weight_mask", (good or [torch.ones_like(weight)])[0].detach())
    gc.collect()
    return model
