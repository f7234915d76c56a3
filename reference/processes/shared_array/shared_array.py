"""The negative: a worked solution."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any

Plate = Any  # what context.Array returns


def make_plate(context: BaseContext, numbers: Iterable[float]) -> Plate:
    """Take eight bytes for each: a float if there is one, else a whole number."""
    row = list(numbers)
    code = "d" if any(isinstance(number, float) for number in row) else "q"
    return context.Array(code, row)


def alter(context: BaseContext, plate: Plate, workers: int, change: Callable[[Any], Any]) -> None:
    """Give each its strip."""
    edges = [len(plate) * number // workers for number in range(workers + 1)]
    strips = list(zip(edges, edges[1:], strict=False))
    processes = [context.Process(target=_alter_strip, args=(plate, change, *strip)) for strip in strips]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def _alter_strip(plate: Plate, change: Callable[[Any], Any], begin: int, end: int) -> None:
    for index in range(begin, end):
        plate[index] = change(plate[index])
