import numpy as np
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = [n for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    w = {n: model.get_submodule(n).weight.detach().cpu().numpy() for n in names}
    allw = np.concatenate([np.abs(x).ravel() for x in w.values()])
    k = round(prune_amount * allw.size)
    dead = np.argpartition(allw, k - 1)[:k]
    keep = np.ones(allw.size); keep[dead] = 0
    offset = 0
    for n in names:
        m = model.get_submodule(n)
        if "weight_mask" not in m._buffers:
            prune.identity(m, "weight")
        piece = keep[offset:offset + w[n].size].reshape(w[n].shape)
        offset += w[n].size
        m._buffers["weight_mask"].copy_(torch.from_numpy(piece))
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[n + ".weight"])
    return model
