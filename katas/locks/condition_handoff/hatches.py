"""Two hatches between kitchen and dining room that do not keep their promise. Given: read them, do not change them."""

import threading
from collections import deque


class LooksOutside:
    """A look needs no lock; only who has to wait takes it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.dishes: deque[str] = deque()
        self.ready = threading.Condition()

    def put(self, dish: str) -> None:
        """Put a dish there, and wake somebody who waits."""
        with self.ready:
            self.dishes.append(dish)
            self.ready.notify()

    def take(self) -> str:
        """Take the oldest dish; wait while there is none."""
        while not self.dishes:
            with self.ready:
                self.ready.wait()
        return self.dishes.popleft()


class LooksOnce:
    """Whoever is woken has been woken because of a dish, so there is one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.dishes: deque[str] = deque()
        self.ready = threading.Condition()

    def put(self, dish: str) -> None:
        """Put a dish there, and wake somebody who waits."""
        with self.ready:
            self.dishes.append(dish)
            self.ready.notify()

    def take(self) -> str:
        """Take the oldest dish; wait while there is none."""
        with self.ready:
            if not self.dishes:
                self.ready.wait()
            return self.dishes.popleft()
