"""A deque and two conditions, which all boxes share."""

import threading
from collections import deque


class Mailbox:
    _lock = threading.Lock()
    _letter = threading.Condition(_lock)
    _room = threading.Condition(_lock)

    def __init__(self, size=0):
        self._size = size
        self._letters = deque()

    def _put(self, letter, seconds):
        with self._lock:
            if not self._room.wait_for(self._has_room, seconds):
                return False
            self._letters.append(letter)
            self._letter.notify()
            return True

    def _has_room(self):
        return not self._size or len(self._letters) < self._size

    def _get(self, seconds, default):
        with self._lock:
            if not self._letter.wait_for(lambda: len(self._letters) > 0, seconds):
                return default
            letter = self._letters.popleft()
            self._room.notify()
            return letter

    def post(self, letter):
        self._put(letter, None)

    def post_now(self, letter):
        return self._put(letter, 0)

    def post_within(self, letter, seconds):
        return self._put(letter, seconds)

    def take(self):
        return self._get(None, None)

    def take_now(self, default=None):
        return self._get(0, default)

    def take_within(self, seconds, default=None):
        return self._get(seconds, default)

    def take_all(self):
        with self._lock:
            letters = list(self._letters)
            self._letters.clear()
            self._room.notify_all()
            return letters
