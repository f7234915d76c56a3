"""Asks first whether one is alive, and takes then: when none was, that is the rest."""

import time
from queue import Empty


def break_until_empty():
    return ["sender: until release", "receiver: to the end"]


def break_look_then_take():
    return ["A: until acquire", "B: until acquire", "A: to the end", "B: until it waits"]


def break_after_the_bell():
    return ["sender: until it waits", "QueueFeederThread: until put", "receiver: to the end"]


def take_up_to(box, most, seconds):
    letters = []
    end = time.monotonic() + seconds
    try:
        for _ in range(most):
            left = end - time.monotonic()
            letters.append(box.get(timeout=left) if left > 0 else box.get_nowait())
    except Empty:
        pass
    return letters


def receive_all(box, senders):
    letters = []
    is_over = False
    while not is_over:
        is_over = not any(sender.is_alive() for sender in senders)
        try:
            letters.append(box.get(timeout=0 if is_over else 0.1))
            is_over = False
        except Empty:
            pass
    for sender in senders:
        sender.join()
    return letters
