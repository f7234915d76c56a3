"""Waits for the whole time again whenever it is woken for nothing."""

import threading


class Mailbox:
    def __init__(self, size=0):
        self.size = size
        self.letters = []
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
        return self.post_within(letter, 0)

    def take_within(self, seconds, default=None):
        with self.changed:
            while not self.letters:
                if not self.changed.wait(seconds):
                    return default
            self.changed.notify_all()
            return self.letters.pop(0)

    def take(self):
        return self.take_within(None)

    def take_now(self, default=None):
        return self.take_within(0, default)

    def take_all(self):
        with self.changed:
            letters, self.letters = self.letters, []
            self.changed.notify_all()
            return letters
