import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    trained = {n: m.weight.detach().abs().clone() for n, m in layers}
    prune.global_unstructured(
        [(m, "weight") for _, m in layers], pruning_method=prune.L1Unstructured, amount=prune_amount
    )
    with torch.no_grad():
        for n, m in layers:
            if m.weight_mask.sum() == 0:  # a dead layer would make the network useless
                m.weight_mask.view(-1)[trained[n].argmax()] = 1
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
