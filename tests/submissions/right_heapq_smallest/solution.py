import heapq
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    entries = []      # (magnitude, layer number, flat index)
    layers = []
    for name, module in model.named_modules():
        if not isinstance(module, (nn.Linear, nn.Conv2d)):
            continue
        layers.append((name, module))
        values = module.weight.detach().flatten().tolist()
        mask = module.weight_mask.flatten().tolist() if hasattr(module, "weight_mask") else [1.0] * len(values)
        for i, (v, alive) in enumerate(zip(values, mask)):
            if alive:
                entries.append((abs(v), len(layers) - 1, i))

    victims = heapq.nsmallest(round(prune_amount * len(entries)), entries)

    new_masks = []
    for _, module in layers:
        if hasattr(module, "weight_mask"):
            new_masks.append(module.weight_mask.clone().flatten())
        else:
            new_masks.append(torch.ones(module.weight.numel()))
    for _, layer, i in victims:
        new_masks[layer][i] = 0

    for (name, module), mask in zip(layers, new_masks):
        prune.custom_from_mask(module, "weight", mask.reshape(module.weight.shape))
        module.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    return model
