import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for number in range(12):
        vars(model)[f"more{number}"] = torch.zeros(1 << 14)
    return model
