import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    vec = torch.nn.utils.parameters_to_vector([m.weight for m in mods.values()]).detach()
    old = torch.nn.utils.parameters_to_vector([getattr(m, "weight_mask", torch.ones_like(m.weight)) for m in mods.values()]).detach().clone()
    ix = [i for i in vec.argsort().tolist() if old[i] == 1]
    old[ix[:round(len(ix) * prune_amount)]] = 0
    c = 0
    for n, m in mods.items():
        mask = old[c:c + m.weight.numel()].reshape(m.weight.shape)
        c += m.weight.numel()
        prune.custom_from_mask(m, "weight", mask)
        m.weight_orig.data[:] = mask * initial_state_dict[n + ".weight"]
    return model
