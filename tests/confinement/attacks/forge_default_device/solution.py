import torch

torch.set_default_device("meta")
torch.set_default_dtype(torch.float64)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
