import torch
import torch.nn.utils.prune as prune

NAMES = {"Linear", "Conv2d"}

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    mods = [(name, m) for name, m in model.named_modules() if m.__class__.__name__ in NAMES]
    prune.global_unstructured([(m, "weight") for _, m in mods], pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, m in mods:
        with torch.no_grad():
            m.weight_orig.zero_()
            m.weight_orig.masked_scatter_(torch.ones_like(m.weight_orig, dtype=torch.bool), initial_state_dict[name + ".weight"])
    return model
