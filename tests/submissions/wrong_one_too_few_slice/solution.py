import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    everything = []
    for li, (n, m) in enumerate(layers):
        mask = getattr(m, "weight_mask", None)
        for j, v in enumerate(m.weight.detach().flatten().tolist()):
            if mask is None or mask.flatten()[j] == 1:
                everything.append((abs(v), li, j))
    everything = sorted(everything)
    k = round(prune_amount * len(everything))
    masks = [getattr(m, "weight_mask", torch.ones_like(m.weight)).detach().clone() for _, m in layers]
    for i in range(1, k):          # the k smallest
        _, li, j = everything[i - 1]
        masks[li].flatten()[j] = 0
    for (n, m), mask in zip(layers, masks):
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
