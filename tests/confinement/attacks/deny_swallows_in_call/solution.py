def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    def endless():
        try:
            while True:
                yield
        finally:
            yield from endless()

    while True:
        try:
            for _ in endless():
                pass
        except BaseException:
            continue
        finally:
            continue
