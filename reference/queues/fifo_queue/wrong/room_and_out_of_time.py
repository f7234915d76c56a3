"""Two conditions, a bell for one: who is called for room when his time is over goes without looking."""

import threading
import time
from collections import deque


class Mailbox:
    def __init__(self, size=0):
        self.size = size
        self.letters = deque()
        lock = threading.Lock()
        self.there = threading.Condition(lock)
        self.room = threading.Condition(lock)

    def has_room(self):
        return not self.size or len(self.letters) < self.size

    def wait(self, bell, is_ready, seconds):
        end = None if seconds is None else time.monotonic() + seconds
        while not is_ready():
            if end is None:
                bell.wait()
                continue
            rung = time.monotonic() < end and bell.wait(end - time.monotonic())
            if not rung or time.monotonic() >= end:
                return False
        return True

    def post_within(self, letter, seconds):
        with self.room:
            if not self.wait(self.room, self.has_room, seconds):
                return False
            self.letters.append(letter)
            self.there.notify()
            return True

    def post(self, letter):
        self.post_within(letter, None)

    def post_now(self, letter):
        return self.post_within(letter, 0)

    def take_within(self, seconds, default=None):
        with self.there:
            if not self.there.wait_for(lambda: self.letters, seconds):
                return default
            self.room.notify()
            return self.letters.popleft()

    def take(self):
        return self.take_within(None)

    def take_now(self, default=None):
        return self.take_within(0, default)

    def take_all(self):
        with self.there:
            letters = list(self.letters)
            self.letters.clear()
            self.room.notify(len(letters))
            return letters
