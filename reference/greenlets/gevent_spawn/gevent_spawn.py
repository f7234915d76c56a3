"""The snail race: a worked solution."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gevent

Note = Callable[[str, Any], object]
Snail = tuple[Callable[..., object], Sequence[Any], Mapping[str, Any]]


def creep(name: str, steps: int, note: Note) -> None:
    """Yield after each step: nobody is interrupted."""
    for step in range(1, steps + 1):
        note(name, step)
        gevent.sleep(0)


def nap(name: str, seconds: float, note: Note) -> None:
    """Sleep in the hub: `time.sleep` would stop the whole thread."""
    note(name, "asleep")
    gevent.sleep(seconds)
    note(name, "awake")


def race(snails: Iterable[Snail]) -> list[int]:
    """Start all of them, then wait for all of them."""
    goal: list[int] = []

    def run(snail: Snail, number: int) -> None:
        function, args, kwargs = snail
        function(*args, **kwargs)
        goal.append(number)

    gevent.joinall([gevent.spawn(run, snail, number) for number, snail in enumerate(snails)])
    return goal
