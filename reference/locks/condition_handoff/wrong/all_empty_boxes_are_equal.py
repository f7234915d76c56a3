"""Each who waits puts down an empty list; who gives up removes his, or an equal one."""

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
        self.change = threading.Condition()
        self.dishes: deque[Any] = deque()
        self.boxes: list[list[Any]] = []
        self.closed = False

    def put(self, dish: Any) -> None:
        with self.change:
            if self.closed:
                raise Closed
            if self.boxes:
                self.boxes.pop(0).append(dish)
            else:
                self.dishes.append(dish)
            self.change.notify_all()

    def take(self, patience: float | None = None) -> Any:
        with self.change:
            if self.dishes:
                dish = self.dishes.popleft()
                self.change.notify_all()
                return dish
            if self.closed:
                raise Closed
            box: list[Any] = []
            self.boxes.append(box)
            self.change.wait_for(lambda: box or self.closed, patience)
            if box:
                return box[0]
            self.boxes.remove(box)
            if self.closed:
                raise Closed
            raise TimeoutError

    def cleared(self, patience: float | None = None) -> bool:
        with self.change:
            return self.change.wait_for(lambda: not self.dishes, patience)

    def close(self) -> None:
        with self.change:
            self.closed = True
            self.change.notify_all()
