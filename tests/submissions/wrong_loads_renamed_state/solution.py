from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pairs = [(m, "weight") for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=prune_amount)
    state = model.state_dict()
    for k, v in initial_state_dict.items():
        state[k.replace("weight", "weight_orig")] = v
    model.load_state_dict(state)
    return model
