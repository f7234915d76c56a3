"""Collects while it joins: all that is there when the first has ended."""

from collections.abc import Callable, Sequence
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `function` for all items side by side; return the results in the order of the items."""
    results: list = [None] * len(items)

    def work(place: int, item: Item) -> None:
        results[place] = function(item)

    threads = [Thread(target=work, args=each) for each in enumerate(items)]
    for thread in threads:
        thread.start()
    if threads:
        threads[0].join()
    return list(results)


def squares(numbers: Sequence[int], square: Callable[[int], int]) -> list[tuple[int, int]]:
    """Return each number with its square, computed in threads, in the order of the numbers."""
    return list(zip(numbers, in_threads(square, numbers), strict=True))
