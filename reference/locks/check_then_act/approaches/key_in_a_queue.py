"""No lock: a key lies in a queue of one place, and whoever holds it may check and act."""

import contextlib
import json
import queue
from pathlib import Path


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


office = Box()


def left(path):
    with office.opened():
        return json.loads(Path(path).read_text())["left"]


def sell(path):
    with office.opened():
        file = Path(path)
        content = json.loads(file.read_text())
        if content["left"] == 0:
            return False
        file.write_text(json.dumps(content | {"left": content["left"] - 1}))
        return True
