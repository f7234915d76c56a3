"""The collecting box: a worked solution."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext


class Box:
    """A value, and its own lock around whatever belongs together."""

    def __init__(self, context: BaseContext, cents: int = 0) -> None:
        self._cents = context.Value("q", cents)

    def cents(self) -> int:
        return self._cents.value

    def put(self, cents: int) -> int:
        with self._cents.get_lock():
            self._cents.value += cents
            return self._cents.value

    def take(self, cents: int) -> bool:
        with self._cents.get_lock():
            if self._cents.value < cents:
                return False
            self._cents.value -= cents
            return True


def collect(context: BaseContext, box: Box, collectors: Iterable[Callable[[Box], object]]) -> int:
    """Start all, then join all."""
    processes = [context.Process(target=collector, args=(box,)) for collector in collectors]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return box.cents()
