import fcntl
import os
import signal
import time

F_SETSIG = 10
out, into = os.pipe()
try:
    fcntl.fcntl(out, F_SETSIG, signal.SIGURG)
    fcntl.fcntl(out, fcntl.F_SETOWN, int("@WITNESS@"))
    fcntl.fcntl(out, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(into, b"x")
    time.sleep(0.05)
except OSError:
    pass


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    return model
