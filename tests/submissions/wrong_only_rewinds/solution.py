import torch

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.load_state_dict(initial_state_dict)
    return model
