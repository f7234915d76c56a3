"""A semaphore counts the dishes, and after the closing one token more, which goes round."""

import threading
from collections import deque
from typing import Any


class Closed(Exception):
    """The hatch is closed, and nothing will come any more. Given."""


def break_looks_outside() -> list[str]:
    """Return a schedule under which the waiter of a `LooksOutside` waits for ever."""
    return ["waiter: until acquire", "cook: to the end"]


def break_looks_once() -> list[str]:
    """Return a schedule under which a waiter of a `LooksOnce` finds nothing."""
    return ["ann: until it waits", "cook: until acquire", "cook: until acquire", "bob: to the end", "ann: to the end"]


class Hatch:
    """Where the kitchen puts the dishes, and the waiters wait for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dishes: deque[Any] = deque()
        self._tokens = threading.Semaphore(0)
        self._clear = threading.Event()
        self._clear.set()
        self._closed = False

    def put(self, dish: Any) -> None:
        with self._lock:
            if self._closed:
                raise Closed
            self._clear.clear()
            self._dishes.append(dish)
            self._tokens.release()

    def take(self, patience: float | None = None) -> Any:
        if not self._tokens.acquire(timeout=patience):
            with self._lock:
                if not self._closed:
                    raise TimeoutError
            self._tokens.acquire()
        with self._lock:
            if self._dishes:
                dish = self._dishes.popleft()
                if not self._dishes:
                    self._clear.set()
                return dish
            self._tokens.release()
            raise Closed

    def cleared(self, patience: float | None = None) -> bool:
        return self._clear.wait(patience)

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._tokens.release()
