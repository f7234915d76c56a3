"""Locks the check, and locks the taking, but not both together."""

import json
import threading

office = threading.Lock()


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def has(self, amount):
        with self.lock:
            return self.balance >= amount

    def withdraw(self, amount, hand_out):
        if not self.has(amount):
            return False
        with self.lock:
            self.balance -= amount
        hand_out(amount)
        return True


def sell(path):
    with office:
        with open(path) as file:
            content = json.load(file)
        if content["left"] == 0:
            return False
        content["left"] -= 1
        with open(path, "w") as file:
            json.dump(content, file)
        return True


def left(path):
    with office:
        with open(path) as file:
            return json.load(file)["left"]
