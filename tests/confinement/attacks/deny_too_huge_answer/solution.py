import torch

big = torch.zeros(1 << 24)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for number in range(8):
        vars(model)[f"more{number}"] = big
    return model
