import threading

lock = threading.Lock()
lock.acquire()


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    with lock:
        return model.zero_grad()
