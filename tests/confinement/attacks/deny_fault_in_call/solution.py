import faulthandler


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    faulthandler._sigsegv()
