from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pairs = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=prune_amount)
    theta0 = {}
    for key, value in initial_state_dict.items():
        theta0[key.replace("weight", "weight_orig")] = value.clone()
    model.load_state_dict(theta0)
    return model
