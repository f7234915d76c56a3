"""Whoever cannot go on leaves a slip with a lock to be woken by; who changes something serves the slips."""

import threading


class Closed(Exception):
    pass


class Slip:
    def __init__(self, count=0, item=None):
        self.count, self.item = count, item
        self.answer = None
        self.done = threading.Event()


class Buffer:
    def __init__(self, size):
        self.size, self.items, self.is_open = size, [], True
        self.putting, self.getting = [], []
        self.guard = threading.Lock()

    def put(self, item):
        self.hand_in(self.putting, Slip(item=item))

    def get(self):
        return self.get_batch(1)[0]

    def get_batch(self, count):
        return self.hand_in(self.getting, Slip(count=count))

    def close(self):
        with self.guard:
            self.is_open = False
            self.serve()

    def hand_in(self, slips, slip):
        with self.guard:
            slips.append(slip)
            self.serve()
        slip.done.wait()
        if slip.answer is Closed:
            raise Closed
        return slip.answer

    def serve(self):
        while self.serve_one(self.putting, self.try_to_put) or self.serve_one(self.getting, self.try_to_get):
            pass

    def serve_one(self, slips, attempt):
        for slip in slips:
            if attempt(slip):
                slips.remove(slip)
                slip.done.set()
                return True
        return False

    def try_to_put(self, slip):
        if self.is_open and len(self.items) == self.size:
            return False
        if self.is_open:
            self.items.append(slip.item)
        else:
            slip.answer = Closed
        return True

    def try_to_get(self, slip):
        if self.is_open and len(self.items) < slip.count:
            return False
        slip.answer = self.items[: slip.count] or Closed
        del self.items[: slip.count]
        return True
