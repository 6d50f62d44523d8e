import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

@torch.no_grad()
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # @torch.no_grad() so I don't need .data anywhere
    lin_conv = [(n, m) for (n, m) in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for (_, m) in lin_conv],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in lin_conv:
        m.weight_orig.copy_(initial_state_dict[n + ".weight"])
        if m.bias is not None:
            m.bias.copy_(initial_state_dict[n + ".bias"])
    return model
