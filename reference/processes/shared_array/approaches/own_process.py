"""The negative with a class of processes, each of which writes its slice at once."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any

Plate = Any  # what context.Array returns


def make_plate(context: BaseContext, numbers: Iterable[float]) -> Plate:
    """Fill an empty plate."""
    row = list(numbers)
    plate = context.Array("d" if float in map(type, row) else "q", len(row))
    plate[:] = row
    return plate


def alter(context: BaseContext, plate: Plate, workers: int, change: Callable[[Any], Any]) -> None:
    """Cut what is left into equal parts, until nothing is left."""
    rest, running = slice(0, len(plate)), []
    for left in range(workers, 0, -1):
        edge = rest.start + (rest.stop - rest.start) // left
        process = context.Process(target=_Strip(plate, slice(rest.start, edge), change))
        process.start()
        running.append(process)
        rest = slice(edge, rest.stop)
    for process in running:
        process.join()


class _Strip:
    """Can be sent, as it belongs to the module."""

    def __init__(self, plate: Plate, part: slice, change: Callable[[Any], Any]) -> None:
        self.plate, self.part, self.change = plate, part, change

    def __call__(self) -> None:
        self.plate[self.part] = list(map(self.change, self.plate[self.part]))
