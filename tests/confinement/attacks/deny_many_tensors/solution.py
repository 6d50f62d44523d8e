import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    for number in range(3_000):
        vars(model)["n" * 390 + str(number)] = torch.zeros(0)
    return model
