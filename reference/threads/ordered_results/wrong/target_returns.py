"""Expects the thread to return what its target returned."""

from collections.abc import Callable, Sequence
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `function` for all items side by side; return the results in the order of the items."""

    threads = [Thread(target=function, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    return [thread.join() for thread in threads]


def squares(numbers: Sequence[int], square: Callable[[int], int]) -> list[tuple[int, int]]:
    """Return each number with its square, computed in threads, in the order of the numbers."""
    return list(zip(numbers, in_threads(square, numbers), strict=True))
