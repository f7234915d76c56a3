"""The store of the mill: the worked solution.

One lock guards the items and the flag, and two conditions share it: whoever wants to go in waits at
`not_full`, whoever wants to take out at `not_empty`, so that nobody is woken for what is none of his
business. All who wait for room need the same, one place: waking as many as there are new places is enough. Those
who wait for items need different numbers: who is woken alone might be the one who cannot go on, and so
all are. Closing concerns everybody. After waiting each looks at what is true now, under the same lock.
"""

import threading
from collections import deque


class Closed(Exception):
    """The buffer is closed: nothing comes in, or nothing is left. Given: nothing to do here."""


class Buffer:
    """A store of limited size between those who put and those who get."""

    def __init__(self, size: int) -> None:
        """Begin empty and open."""
        self._size = size
        self._items: deque[object] = deque()
        self._closed = False
        lock = threading.Lock()
        self._not_empty = threading.Condition(lock)
        self._not_full = threading.Condition(lock)

    def put(self, item: object) -> None:
        """Put an item in, wait for room if need be; raise `Closed` if the buffer is closed."""
        with self._not_full:
            self._not_full.wait_for(lambda: self._closed or len(self._items) < self._size)
            if self._closed:
                raise Closed
            self._items.append(item)
            self._not_empty.notify_all()

    def get(self) -> object:
        """Take the oldest item, wait for one if need be; raise `Closed` if none is left."""
        return self.get_batch(1)[0]

    def get_batch(self, count: int) -> list[object]:
        """Take the oldest `count` items in one step, or what is left of a closed buffer."""
        with self._not_empty:
            self._not_empty.wait_for(lambda: self._closed or len(self._items) >= count)
            if not self._items:
                raise Closed
            batch = [self._items.popleft() for _ in range(min(count, len(self._items)))]
            self._not_full.notify(len(batch))
            return batch

    def close(self) -> None:
        """Let nothing more come in, and tell everybody who waits."""
        with self._not_full:
            self._closed = True
            self._not_full.notify_all()
            self._not_empty.notify_all()
