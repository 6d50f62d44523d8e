import sys

while True:
    try:
        sys.setrecursionlimit(len(__import__("inspect").stack()) + 8)
        break
    except RecursionError:
        break


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
