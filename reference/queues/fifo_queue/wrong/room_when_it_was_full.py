# wrong: says that there is room only when the box was full; of two who wait for room the second is not told

import collections
import threading

Letter = object


class Mailbox:
    def __init__(self, size: int = 0) -> None:
        self._size = size
        self._letters: collections.deque[Letter] = collections.deque()
        lock = threading.Lock()
        self._came = threading.Condition(lock)
        self._room = threading.Condition(lock)

    def _has_room(self) -> bool:
        return not self._size or len(self._letters) < self._size

    def _put(self, letter: Letter) -> None:
        self._letters.append(letter)
        self._came.notify()

    def _get(self) -> Letter:
        if len(self._letters) == self._size:
            self._room.notify()
        letter = self._letters.popleft()
        return letter

    def post(self, letter: Letter) -> None:
        with self._room:
            self._room.wait_for(self._has_room)
            self._put(letter)

    def post_now(self, letter: Letter) -> bool:
        with self._room:
            if not self._has_room():
                return False
            self._put(letter)
            return True

    def post_within(self, letter: Letter, seconds: float) -> bool:
        with self._room:
            if not self._room.wait_for(self._has_room, min(seconds, threading.TIMEOUT_MAX)):
                return False
            self._put(letter)
            return True

    def take(self) -> Letter:
        with self._came:
            self._came.wait_for(lambda: self._letters)
            return self._get()

    def take_now(self, default: Letter = None) -> Letter:
        with self._came:
            return self._get() if self._letters else default

    def take_within(self, seconds: float, default: Letter = None) -> Letter:
        with self._came:
            if not self._came.wait_for(lambda: self._letters, min(seconds, threading.TIMEOUT_MAX)):
                return default
            return self._get()

    def take_all(self) -> list[Letter]:
        with self._room:
            letters = list(self._letters)
            self._letters.clear()
            self._room.notify_all()
            return letters
