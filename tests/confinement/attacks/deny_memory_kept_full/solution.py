hoard = []
size = 1 << 28
while size > 16:
    try:
        hoard.append(bytearray(size))
    except MemoryError:
        size //= 2


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
