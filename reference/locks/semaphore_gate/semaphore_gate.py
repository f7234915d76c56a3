"""The gate to the tower: the worked solution.

A bounded semaphore is the number of free places, and knows how many there were: who takes one waits
while the number is 0, and who gives one back too many gets a `ValueError` before anything changes.
`visit` enters before its `try`, so that only those leave who have entered, and leaves in `finally`,
so that they all do. No lock is held upstairs. In `show_round` each visitor has a thread and a place
in the list; they share the gate, and nothing else.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Gate:
    """So many places, which threads take and give back."""

    def __init__(self, places: int) -> None:
        """Begin with all places free."""
        self._places = threading.BoundedSemaphore(places)

    def enter(self, patience: float | None = None) -> bool:
        """Take a place, wait for one if need be; return whether there was one in time."""
        return self._places.acquire(timeout=patience)

    def leave(self) -> None:
        """Give a place back; raise `ValueError` if all are free."""
        self._places.release()

    def visit(self, look: Callable[[], object], patience: float | None = None) -> bool:
        """Enter, call `look()` and leave; return whether there was a place in time."""
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

    def show(number: int) -> None:
        try:
            found[number] = look(visitors[number])
        except Exception as error:
            found[number] = error

    threads = [
        threading.Thread(target=gate.visit, args=(lambda number=number: show(number),))
        for number in range(len(visitors))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
