"""The stamp fair: the worked solution.

`map` hands in everything at the call and gives it out in order; what waits for all is only the end of a `with`. For
input without an end there is a window: the futures of what was taken and not given out yet, oldest first.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Stamp = TypeVar("Stamp")
Value = TypeVar("Value")


def appraise(value_of: Callable[..., Value], experts: int, *columns: Iterable[Any]) -> list[Value]:
    """Return the values of all rows, in order."""
    with ThreadPoolExecutor(experts) as pool:
        return list(pool.map(value_of, *columns))


def as_they_come(
    value_of: Callable[..., Value], experts: int, *columns: Iterable[Any], seconds: float | None = None
) -> Iterator[Value]:
    """Hand in all rows; return an iterator that gives each value out as soon as it can."""
    pool = ThreadPoolExecutor(experts)
    values = pool.map(value_of, *columns, timeout=seconds)
    pool.shutdown(wait=False)
    return values


def stream(
    value_of: Callable[[Stamp], Value], experts: int, stamps: Iterable[Stamp], ahead: int
) -> Generator[Value, None, None]:
    """Return an iterator over the values that takes so many stamps ahead, and no more."""
    pool = ThreadPoolExecutor(experts)
    window: deque[Future[Value]] = deque()
    try:
        for stamp in stamps:
            window.append(pool.submit(value_of, stamp))
            if len(window) == ahead:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
