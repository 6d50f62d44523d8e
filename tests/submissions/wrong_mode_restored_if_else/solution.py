import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mode = "train" if model.training else "eval"
    ps = [(m, "weight") for m in model.eval().modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if (m, "weight") in ps:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    if mode == "train":
        model.train()
    return model
