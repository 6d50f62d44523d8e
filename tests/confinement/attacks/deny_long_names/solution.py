import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.add_module("m" * 10**6, torch.nn.Linear(1, 1))
    model.add_module("\ud800", torch.nn.Linear(1, 1))
    return model
