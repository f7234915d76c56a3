"""Without `queue`: a deque, and a condition that every change is told to."""

import threading
from collections import deque


class Mailbox:
    def __init__(self, size=0):
        self.size = size
        self.letters = deque()
        self.changed = threading.Condition()

    def has_room(self):
        return not self.size or len(self.letters) < self.size

    def post_within(self, letter, seconds):
        with self.changed:
            if not self.changed.wait_for(self.has_room, seconds):
                return False
            self.letters.append(letter)
            self.changed.notify_all()
            return True

    def post(self, letter):
        self.post_within(letter, None)

    def post_now(self, letter):
        with self.changed:
            return self.has_room() and self.post_within(letter, 0)

    def take_within(self, seconds, default=None):
        with self.changed:
            if not self.changed.wait_for(lambda: self.letters, seconds):
                return default
            self.changed.notify_all()
            return self.letters.popleft()

    def take(self):
        return self.take_within(None)

    def take_now(self, default=None):
        with self.changed:
            return self.take_within(0, default) if self.letters else default

    def take_all(self):
        with self.changed:
            letters = list(self.letters)
            self.letters.clear()
            self.changed.notify_all()
            return letters
