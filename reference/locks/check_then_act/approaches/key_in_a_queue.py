"""No lock: a key lies in a queue of one place, and whoever holds it may check and act."""

import contextlib
import json
import queue

import slow_disk


class Box:
    def __init__(self):
        self.place = queue.Queue()
        self.place.put("the key")

    @contextlib.contextmanager
    def opened(self):
        key = self.place.get()
        try:
            yield
        finally:
            self.place.put(key)


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.box = Box()

    def take(self, amount):
        with self.box.opened():
            enough = amount <= self.balance
            self.balance -= amount * enough
            return enough

    def withdraw(self, amount, hand_out):
        if not self.take(amount):
            return False
        hand_out(amount)
        return True


class BoxOffice:
    def __init__(self, path):
        self.path = path
        self.box = Box()

    def left(self):
        with self.box.opened():
            return json.loads(slow_disk.read(self.path))["left"]

    def sell(self):
        with self.box.opened():
            content = json.loads(slow_disk.read(self.path))
            if content["left"] == 0:
                return False
            slow_disk.write(self.path, json.dumps(content | {"left": content["left"] - 1}))
            return True
