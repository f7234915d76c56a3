"""A semaphore counts, a deque of slots says which thread was there before; the thread is a class."""

from collections import deque
from threading import Lock, Semaphore, Thread


def break_counted():
    return ["A: until take:14", "A: until take:15", "B: to the end"]


def break_hasty():
    return [
        "caller: until run:29",
        "caller: until run:29",
        "diver-1: until put",
        "diver-1: until dive:38",
        "caller: to the end",
        "diver-2: to the end",
    ]


def break_gathered():
    return ["A: until join:53", "B: until join:53", "A: until join:52", "B: until join:52", "A: until it waits"]


class Slot:
    thread = None


class Diver(Thread):
    def __init__(self, pool, slot, work):
        super().__init__()
        self.pool, self.slot, self.work = pool, slot, work

    def run(self):
        job, args, kwargs = self.work
        try:
            job(*args, **kwargs)
        except BaseException as error:
            self.pool.errors.append(error)
        self.pool.free.append(self.slot)
        self.pool.places.release()


class TokenPool:
    def __init__(self, size):
        self.places, self.free, self.lock = Semaphore(size), deque(Slot() for _ in range(size)), Lock()
        self.slots, self.errors = list(self.free), deque()

    def run(self, job, /, *args, **kwargs):
        self.places.acquire()
        slot = self.free.popleft()
        if slot.thread is not None:
            slot.thread.join()
        diver = Diver(self, slot, (job, args, kwargs))
        diver.start()
        slot.thread = diver

    def join(self):
        for thread in [slot.thread for slot in self.slots]:
            if thread is not None:
                thread.join()
        told = []
        while True:
            try:
                told.append(self.errors.popleft())
            except IndexError:
                return told
