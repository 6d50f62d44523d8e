import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    a = torch.ones(6000, 6000)
    for _ in range(10_000):
        a = a @ a
    return model
