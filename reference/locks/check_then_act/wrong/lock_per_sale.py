"""Makes a lock in each call, which nobody else can be holding."""

import json
import threading

import slow_disk


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw(self, amount, hand_out):
        with self.lock:
            if self.balance < amount:
                return False
            self.balance -= amount
        hand_out(amount)
        return True


class BoxOffice:
    def __init__(self, path):
        self.path = path

    def sell(self):
        with threading.Lock():
            content = json.loads(slow_disk.read(self.path))
            if content["left"] == 0:
                return False
            content["left"] -= 1
            slow_disk.write(self.path, json.dumps(content))
            return True

    def left(self):
        with threading.Lock():
            return json.loads(slow_disk.read(self.path))["left"]
