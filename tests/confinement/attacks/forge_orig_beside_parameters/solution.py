import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for n, m in layers:  # put back what a call before took out
        if isinstance(vars(m).get("weight_orig"), nn.Parameter):
            p = vars(m).pop("weight_orig")
            m.register_parameter("weight_orig", p)
    W = {n: m.weight.detach().clone() for n, m in layers}
    if len(layers) > 1 and vars(model).get("_tr"):
        pass
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module in layers:
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
            if len(layers) > 1:
                p = module._parameters.pop("weight_orig")
                vars(module)["weight_orig"] = p
    return model
