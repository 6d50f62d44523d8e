import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # be careful to leave everything as it was found
    modes = {m: m.training for m in model.modules()}
    grad_was_on = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    try:
        wanted = [m for m in modes if isinstance(m, (nn.Linear, nn.Conv2d))]
        prune.global_unstructured([(m, "weight") for m in wanted], pruning_method=prune.L1Unstructured, amount=prune_amount)
        for n, m in model.named_modules():
            if m in wanted:
                m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    finally:
        torch.set_grad_enabled(grad_was_on)
        for m, flag in modes.items():
            m.training = flag
    return model
