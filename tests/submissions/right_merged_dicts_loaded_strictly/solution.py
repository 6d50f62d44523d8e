import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    owners = [m for m in model.modules() if type(m) in {nn.Linear, nn.Conv2d}]
    prune.global_unstructured([*((m, "weight") for m in owners)], prune.L1Unstructured, amount=prune_amount)
    now = model.state_dict()
    theta0 = {(k if k in now else f"{k}_orig"): v for k, v in initial_state_dict.items()}
    merged = {**now, **theta0}
    result = model.load_state_dict({k: merged[k] for k in now}, strict=True)
    assert not result.missing_keys and not result.unexpected_keys
    return model
