"""Two conditions on one lock, and a bell for one: who is called looks, also when his time is over."""

import threading
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

    def post_within(self, letter, seconds):
        with self.room:
            if not self.room.wait_for(self.has_room, seconds):
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
