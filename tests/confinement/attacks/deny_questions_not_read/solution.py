import os
import time

os.close(4)


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return model.train(model.training)
