"""An RLock for each path; the file is replaced in one step, so that looking needs no lock."""

import collections
import json
import os
import threading

offices = collections.defaultdict(threading.RLock)
making = threading.Lock()


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.guard = threading.Condition()

    def withdraw(self, amount, hand_out):
        self.guard.acquire()
        try:
            enough = self.balance >= amount
            if enough:
                self.balance -= amount
        finally:
            self.guard.release()
        if enough:
            hand_out(amount)
        return enough


def read(path):
    with open(path) as file:
        return json.load(file)


def left(path):
    return read(path)["left"]


def sell(path):
    path = os.fspath(path)
    with making:
        office = offices[path]
    with office:
        content = read(path)
        enough = content["left"] > 0
        if enough:
            content["left"] -= 1
            with open(path + ".new", "w") as file:
                json.dump(content, file)
            os.replace(path + ".new", path)
        return enough
