"""Forgets the size."""

import queue

Letter = object


class Mailbox:
    """A box for letters: first in, first out."""

    def __init__(self, size: int = 0) -> None:
        """Hold at most `size` letters; 0 means as many as come."""
        self._letters: queue.Queue[Letter] = queue.Queue()

    def post(self, letter: Letter) -> None:
        """Put a letter in; wait while the box is full."""
        self._letters.put(letter)

    def post_now(self, letter: Letter) -> bool:
        """Put a letter in without waiting; tell whether it is in."""
        try:
            self._letters.put_nowait(letter)
        except queue.Full:
            return False
        return True

    def post_within(self, letter: Letter, seconds: float) -> bool:
        """Put a letter in, wait at most so long; tell whether it is in."""
        try:
            self._letters.put(letter, timeout=seconds)
        except queue.Full:
            return False
        return True

    def take(self) -> Letter:
        """Return the oldest letter; wait while the box is empty."""
        return self._letters.get()

    def take_now(self, default: Letter = None) -> Letter:
        """Return the oldest letter without waiting, or `default`."""
        try:
            return self._letters.get_nowait()
        except queue.Empty:
            return default

    def take_within(self, seconds: float, default: Letter = None) -> Letter:
        """Return the oldest letter, wait at most so long; else `default`."""
        try:
            return self._letters.get(timeout=seconds)
        except queue.Empty:
            return default

    def take_all(self) -> list[Letter]:
        """Return all letters that are there, oldest first, without waiting."""
        letters = []
        while True:
            try:
                letters.append(self._letters.get_nowait())
            except queue.Empty:
                return letters
