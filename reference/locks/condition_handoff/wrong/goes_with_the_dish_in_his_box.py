"""Gives each dish to who waits longest, who goes away with it if his time is up at this moment."""

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


class Box:
    """What a waiter holds out."""

    def __init__(self) -> None:
        self.filled = threading.Event()
        self.dish: Any = None
        self.closed = False


class Hatch:
    """Where the kitchen puts the dishes, and the waiters wait for them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.none = threading.Condition(self.lock)
        self.dishes: deque[Any] = deque()
        self.boxes: deque[Box] = deque()
        self.closed = False

    def put(self, dish: Any) -> None:
        with self.lock:
            if self.closed:
                raise Closed
            if self.boxes:
                box = self.boxes.popleft()
                box.dish = dish
                box.filled.set()
            else:
                self.dishes.append(dish)

    def take(self, patience: float | None = None) -> Any:
        with self.lock:
            if self.dishes:
                dish = self.dishes.popleft()
                if not self.dishes:
                    self.none.notify_all()
                return dish
            if self.closed:
                raise Closed
            box = Box()
            self.boxes.append(box)
        if not box.filled.wait(patience):
            with self.lock:
                if box in self.boxes:
                    self.boxes.remove(box)
            raise TimeoutError
        if box.closed:
            raise Closed
        return box.dish

    def cleared(self, patience: float | None = None) -> bool:
        with self.none:
            return self.none.wait_for(lambda: not self.dishes, patience)

    def close(self) -> None:
        with self.lock:
            self.closed = True
            for box in self.boxes:
                box.closed = True
                box.filled.set()
            self.boxes.clear()
