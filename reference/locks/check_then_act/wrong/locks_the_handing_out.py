"""Holds the lock while it hands out."""

import json
import threading

office = threading.Lock()


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
