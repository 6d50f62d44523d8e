import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    sizes = sorted((abs(v), j, i) for j, (_, m) in enumerate(layers)
                   for i, v in enumerate(m.weight.detach().flatten().tolist()))
    masks = [torch.ones(m.weight.numel()) for _, m in layers]
    for _, j, i in sizes[:round(prune_amount * len(sizes))]:
        masks[j][i] = 0
    for (n, m), mask in zip(layers, masks):
        prune.custom_from_mask(m, "weight", mask.view(m.weight.shape))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
