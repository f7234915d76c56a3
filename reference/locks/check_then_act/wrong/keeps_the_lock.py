"""Releases at the end, where FileNotFoundError never comes by."""

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
        self.lock = threading.Lock()

    def sell(self):
        self.lock.acquire()
        content = json.loads(slow_disk.read(self.path))
        sold = content["left"] > 0
        if sold:
            content["left"] -= 1
            slow_disk.write(self.path, json.dumps(content))
        self.lock.release()
        return sold

    def left(self):
        with self.lock:
            return json.loads(slow_disk.read(self.path))["left"]
