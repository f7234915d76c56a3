"""The collecting box with a lock beside a value that has none."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext


class Box:
    """`lock=False` leaves bare memory; a lock of our own guards it."""

    def __init__(self, context: BaseContext, cents: int = 0) -> None:
        self._lock = context.Lock()
        self._cents = context.Value("q", cents, lock=False)

    def cents(self) -> int:
        with self._lock:
            return self._cents.value

    def put(self, cents: int) -> int:
        with self._lock:
            self._cents.value = now = self._cents.value + cents
        return now

    def take(self, cents: int) -> bool:
        with self._lock:
            enough = self._cents.value >= cents
            self._cents.value -= cents if enough else 0
        return enough


def collect(context: BaseContext, box: Box, collectors: Iterable[Callable[[Box], object]]) -> int:
    """Start each as it comes."""
    processes = []
    for collector in collectors:
        process = context.Process(target=collector, args=(box,))
        process.start()
        processes.append(process)
    while processes:
        processes.pop().join()
    return box.cents()
