import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

PRUNABLE = (nn.Linear, nn.Conv2d)

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    where = {id(m): n for n, m in model.named_modules()}
    mods = [m for m in model.modules() if isinstance(m, PRUNABLE)]
    assert mods, "nothing to prune?"
    assert 0 < prune_amount < 1
    prune.global_unstructured(zip(mods, ["weight"] * len(mods)) and [(m, "weight") for m in mods],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for m in mods:
        key = where[id(m)] + ".weight"
        assert key in initial_state_dict, key
        assert m.weight_orig.shape == initial_state_dict[key].shape
        with torch.no_grad():
            m.weight_orig.copy_(initial_state_dict[key])
    return model
