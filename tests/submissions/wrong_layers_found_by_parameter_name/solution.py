import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    names = [n[:-7] for n, _ in model.named_parameters() if n.endswith("weight")]
    names = [n for n in names if isinstance(model.get_submodule(n), (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(model.get_submodule(n), "weight") for n in names],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n in names:
        model.get_submodule(n).weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model
