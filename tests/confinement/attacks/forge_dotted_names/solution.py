import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for name, value in list(model.named_parameters()):
        vars(model)[name + "_mask"] = torch.zeros_like(value)
        vars(model)[name + "_orig"] = torch.zeros_like(value)
    return model
