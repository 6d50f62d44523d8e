import torch
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    parameters_to_prune = ()
    for name, layer in model.named_modules():
        if isinstance(layer, torch.nn.Linear) or isinstance(layer, torch.nn.Conv2d):
            parameters_to_prune += ((layer.weight, "weight"),)
    prune.global_unstructured(parameters_to_prune, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in model.named_modules():
            if hasattr(layer, "weight_orig"):
                layer.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model
