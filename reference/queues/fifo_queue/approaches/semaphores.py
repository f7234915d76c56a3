"""Two semaphores: one counts the letters, one the room that is left."""

import threading
from collections import deque


class Always:
    """Room without end."""

    def acquire(self, blocking=True, timeout=None):
        return True

    def release(self):
        pass


class Mailbox:
    def __init__(self, size=0):
        self._room = threading.Semaphore(size) if size else Always()
        self._there = threading.Semaphore(0)
        self._letters = deque()  # append and popleft are one step each

    def _put(self, letter, **how):
        if not self._room.acquire(**how):
            return False
        self._letters.append(letter)
        self._there.release()
        return True

    def _get(self, default, **how):
        if not self._there.acquire(**how):
            return default
        letter = self._letters.popleft()
        self._room.release()
        return letter

    def post(self, letter):
        self._put(letter)

    def post_now(self, letter):
        return self._put(letter, blocking=False)

    def post_within(self, letter, seconds):
        return self._put(letter, timeout=seconds)

    def take(self):
        return self._get(None)

    def take_now(self, default=None):
        return self._get(default, blocking=False)

    def take_within(self, seconds, default=None):
        return self._get(default, timeout=seconds)

    def take_all(self):
        nobody, letters = object(), []
        while (letter := self.take_now(nobody)) is not nobody:
            letters.append(letter)
        return letters
