import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def parameters_of(model):
    """Every matrix that multiplies: of linear layers, convolutions and recurrent cells."""
    for path, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            yield path, module, "weight"
        elif isinstance(module, (nn.RNN, nn.LSTM, nn.GRU)):
            for number in range(module.num_layers):
                yield path, module, f"weight_ih_l{number}"
                yield path, module, f"weight_hh_l{number}"


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    chosen = list(parameters_of(model))
    prune.global_unstructured([(m, name) for _, m, name in chosen], prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for path, module, name in chosen:
            getattr(module, name + "_orig").copy_(initial_state_dict[f"{path}.{name}"])
    return model
