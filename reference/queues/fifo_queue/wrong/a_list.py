"""Keeps the letters in a list."""

import time


class Mailbox:
    def __init__(self, size=0):
        self.size = size
        self.letters = []

    def post(self, letter):
        self.letters.append(letter)

    def post_now(self, letter):
        if self.size and len(self.letters) >= self.size:
            return False
        self.letters.append(letter)
        return True

    def post_within(self, letter, seconds):
        if self.size and len(self.letters) >= self.size:
            time.sleep(seconds)
        return self.post_now(letter)

    def take(self):
        return self.letters.pop(0)

    def take_now(self, default=None):
        return self.letters.pop(0) if self.letters else default

    def take_within(self, seconds, default=None):
        if not self.letters:
            time.sleep(seconds)
        return self.take_now(default)

    def take_all(self):
        letters, self.letters = self.letters, []
        return letters
