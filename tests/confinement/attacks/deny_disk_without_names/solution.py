import os

total = 0
held = []
try:
    for number in range(60):
        stream = open(f"big{number}", "wb", buffering=0)
        os.unlink(f"big{number}")
        held.append(stream)
        for _ in range(32):
            total += stream.write(b"x" * (1 << 20))
        if total >= 1 << 30:
            break
except OSError:
    pass
if total >= 1 << 30:
    raise RuntimeError("PWNED wrote a GiB to disk")


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    return model.double()
