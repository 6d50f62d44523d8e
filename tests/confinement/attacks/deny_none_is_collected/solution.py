import ctypes

for thing in (None, 1, True, "", ()):
    ctypes.c_long.from_address(id(thing)).value = 1


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
