"""The negative with pipes: each worker sends its strip back, and the parent alone writes on the plate."""

from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

Plate = Any  # what context.Array returns


def make_plate(context: BaseContext, numbers: Iterable[float]) -> Plate:
    """Let the sum say of which type all are."""
    row = list(numbers)
    return context.Array("q" if isinstance(sum(row), int) else "d", row, lock=False)


def alter(context: BaseContext, plate: Plate, workers: int, change: Callable[[Any], Any]) -> None:
    """Read all strips before anybody is joined."""
    length, longer = divmod(len(plate), workers)
    begin, strips = 0, []
    for number in range(workers):
        end = begin + length + (number < longer)
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_alter_strip, args=(plate[begin:end], change, there))
        process.start()
        there.close()
        strips.append((begin, end, here, process))
        begin = end
    for begin, end, here, process in strips:
        plate[begin:end] = here.recv()
        here.close()
        process.join()


def _alter_strip(strip: list[Any], change: Callable[[Any], Any], end: Connection) -> None:
    end.send([change(number) for number in strip])
