import torch, torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for name, layer in model.named_modules():
        if type(layer) in (nn.Linear, nn.Conv2d):
            w = layer.weight.detach().abs()
            alive = w[layer.weight_mask.bool()] if hasattr(layer, "weight_mask") else w.flatten()
            thr = torch.quantile(alive, prune_amount)   # every layer has its own threshold
            prune.custom_from_mask(layer, "weight", (w > thr).to(w.dtype))
            layer.weight_orig.data.copy_(initial_state_dict[name + ".weight"])
    return model
