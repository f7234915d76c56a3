"""The weather office with a condition: whoever finds the printer busy waits until it is told that it is free."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any

Record = list[str]
Station = Callable[[], Iterable[Record]]
Write = Callable[[str], object]


def report(context: BaseContext, stations: list[Station], write: Write) -> list[int | None]:
    """Make the printer, and a sender for each."""
    printer = _Printer(context)
    processes = [context.Process(target=printer.send, args=(station, write)) for station in stations]
    for process in processes:
        process.start()
    return [_ended(process) for process in processes]


def _ended(process: Any) -> int | None:
    process.join()
    return process.exitcode


class _Printer:
    def __init__(self, context: BaseContext) -> None:
        self._freed = context.Condition()
        self._busy = context.Value("b", 0, lock=False)

    def __enter__(self) -> None:
        with self._freed:
            self._freed.wait_for(lambda: not self._busy.value)
            self._busy.value = True

    def __exit__(self, *_: object) -> None:
        with self._freed:
            self._busy.value = False
            self._freed.notify()

    def send(self, station: Station, write: Write) -> None:
        for record in station():
            with self:
                list(map(write, record))
