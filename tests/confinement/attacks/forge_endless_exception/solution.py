def nested():
    error = ValueError("x" * 100_000)
    for depth in range(200):
        error = ExceptionGroup("y" * 10_000, [error] * 2)
    return error


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    raise nested() from ValueError("z" * 10_000_000)
