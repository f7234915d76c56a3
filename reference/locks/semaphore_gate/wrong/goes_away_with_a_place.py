"""Who leaves gives his place to the first in line, who goes home with it if his time is up at this moment."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any


class Gate:
    """So many places, which threads take and give back."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.free = places
        self.line: deque[threading.Event] = deque()
        self.lock = threading.Lock()

    def enter(self, patience: float | None = None) -> bool:
        with self.lock:
            if self.free:
                self.free -= 1
                return True
            mine = threading.Event()
            self.line.append(mine)
        if mine.wait(patience):
            return True
        with self.lock:
            if mine in self.line:
                self.line.remove(mine)
        return False

    def leave(self) -> None:
        with self.lock:
            if self.free == self.places:
                raise ValueError("nobody has entered")
            if self.line:
                self.line.popleft().set()
            else:
                self.free += 1

    def visit(self, look: Callable[[], object], patience: float | None = None) -> bool:
        if not self.enter(patience):
            return False
        try:
            look()
        finally:
            self.leave()
        return True


def show_round(visitors: Sequence[Any], places: int, look: Callable[[Any], object]) -> list[object]:
    """Call `look(visitor)` for each, at most `places` at once; return what each returned or raised."""
    gate = Gate(places)
    found: list[object] = [None] * len(visitors)

    def visit(number: int, visitor: Any) -> None:
        def note() -> None:
            try:
                found[number] = look(visitor)
            except Exception as error:
                found[number] = error

        gate.visit(note)

    threads = [threading.Thread(target=visit, args=pair) for pair in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
