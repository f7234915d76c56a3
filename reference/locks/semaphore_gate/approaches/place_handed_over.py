"""Who leaves gives his place to the first in line; a pool of as many guides as places shows all round."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Gate:
    """So many places, which threads take and give back."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._all = places
        self._taken = 0
        self._line: dict[threading.Event, None] = {}

    def enter(self, patience: float | None = None) -> bool:
        with self._lock:
            if self._taken < self._all:
                self._taken += 1
                return True
            if patience == 0:
                return False
            turn = threading.Event()
            self._line[turn] = None
        turn.wait(patience)
        with self._lock:
            self._line.pop(turn, None)
            return turn.is_set()

    def leave(self) -> None:
        with self._lock:
            if not self._taken:
                raise ValueError("nobody has entered")
            if self._line:
                first = next(iter(self._line))
                del self._line[first]
                first.set()
            else:
                self._taken -= 1

    def visit(self, look: Callable[[], object], patience: float | None = None) -> bool:
        if not self.enter(patience):
            return False
        try:
            look()
            return True
        finally:
            self.leave()


def show_round(visitors: Sequence[Any], places: int, look: Callable[[Any], object]) -> list[object]:
    """Call `look(visitor)` for each, at most `places` at once; return what each returned or raised."""

    def note(visitor: Any) -> object:
        try:
            return look(visitor)
        except Exception as error:
            return error

    with ThreadPoolExecutor(max_workers=places) as pool:
        return list(pool.map(note, visitors))
