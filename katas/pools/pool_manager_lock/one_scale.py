"""A scale, and a lock in front of it, broken: read it, and leave it as it is."""

from typing import Any


class Scale:
    """Shows what lies on it. Whoever finds it taken goes home."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.on_it: list[str] = []

    def weigh(self, bag: str) -> list[str] | None:
        """Return what lay on the scale when the bag was weighed; None for whoever went home."""
        try:
            if not self.lock.acquire(blocking=False):
                return None
            self.on_it.append(bag)
            shown = list(self.on_it)
            self.on_it.remove(bag)
            return shown
        finally:
            self.lock.release()
