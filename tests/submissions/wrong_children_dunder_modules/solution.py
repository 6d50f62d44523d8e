import torch
from torch.nn.utils import prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = {k: v for k, v in model._modules.items() if v.__class__.__name__ in ("Linear", "Conv2d")}
    imp = []
    for k, v in mods.items():
        w = v.weight.detach().abs()
        if "weight_mask" in dict(v.named_buffers()):
            w = w.masked_fill(v.weight_mask == 0, float("inf"))
        imp.append(w.flatten())
    if imp:
        flat = torch.cat(imp)
        n_left = int((flat != float("inf")).sum())
        worst = set(flat.argsort()[: round(prune_amount * n_left)].tolist())
        pos = 0
        for k, v in mods.items():
            mask = torch.ones(v.weight.numel(), dtype=v.weight.dtype)
            for j in range(mask.numel()):
                if pos + j in worst:
                    mask[j] = 0.
            pos += mask.numel()
            prune.custom_from_mask(v, "weight", mask.reshape(v.weight.shape))
            v.weight_orig.data[...] = initial_state_dict[k + ".weight"]
    return model
