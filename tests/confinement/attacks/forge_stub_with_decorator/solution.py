def attack(function):
    raise RuntimeError("an attack of a decorator")


@attack
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return model
