import torch

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    pruned = 0
    while pruned < prune_amount:
        pruned += 0 * prune_amount
    return model
