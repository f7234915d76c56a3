"""The collecting box without shared memory: a note goes round in a pipe, and who has it may change it."""

from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext


class Box:
    """Whoever takes the note out of the pipe is alone with it until a new one is in."""

    def __init__(self, context: BaseContext, cents: int = 0) -> None:
        self._note = context.SimpleQueue()
        self._note.put(cents)

    def cents(self) -> int:
        return self.put(0)

    def put(self, cents: int) -> int:
        now = self._note.get() + cents
        self._note.put(now)
        return now

    def take(self, cents: int) -> bool:
        now = self._note.get()
        self._note.put(now - cents if now >= cents else now)
        return now >= cents


def collect(context: BaseContext, box: Box, collectors: Iterable[Callable[[Box], object]]) -> int:
    """Wait for whoever ends next."""
    processes = [context.Process(target=collector, args=(box,)) for collector in collectors]
    for process in processes:
        process.start()
    running = {process.sentinel: process for process in processes}
    while running:
        for sentinel in wait(list(running)):
            running.pop(sentinel).join()
    return box.cents()
