"""A thread takes letters while the caller waits for the ends of the processes, and then tells it that this is all."""

import threading
from multiprocessing.connection import wait
from queue import Empty
from time import monotonic


def break_until_empty():
    return [*["sender: until put"] * 2, "receiver: until acquire", "receiver: until look", "receiver: to the end"]


def break_look_then_take():
    return ["B: until acquire", "A: to the end", "B: until it waits"]


def break_after_the_bell():
    return ["sender: until it waits", "receiver: until look", "receiver: to the end"]


def take_up_to(box, most, seconds):
    return list(_taken(box, most, monotonic() + seconds))


def _taken(box, most, end):
    while most > 0:
        try:
            letter = box.get(True, max(end - monotonic(), 0))
        except Empty:
            return
        yield letter
        most -= 1


def receive_all(box, senders):
    letters, all_ended = [], threading.Event()

    def take():
        while True:
            is_rest = all_ended.is_set()
            taken = take_up_to(box, 1, 0.1)
            letters.extend(taken)
            if is_rest and not taken:
                return

    taker = threading.Thread(target=take)
    taker.start()
    running = {sender.sentinel for sender in senders}
    while running:
        running.difference_update(wait(running))
    for sender in senders:
        sender.join()
    all_ended.set()
    taker.join()
    return letters
