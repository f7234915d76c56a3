"""The snail race: whoever ends calls back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import gevent
from gevent.event import Event

Note = Callable[[str, Any], object]
Snail = tuple[Callable[..., object], Sequence[Any], Mapping[str, Any]]


def creep(name: str, steps: int, note: Note) -> None:
    """Let an event that nobody sets run out of time at once."""
    for step in range(steps):
        note(name, step + 1)
        Event().wait(0)
        gevent.sleep()


def nap(name: str, seconds: float, note: Note) -> None:
    """Wait for an event that never comes."""
    note(name, "asleep")
    Event().wait(seconds)
    note(name, "awake")


def race(snails: Iterable[Snail]) -> list[int]:
    """Hand the functions to spawn as they are; `link_value` calls back for those that have returned."""
    goal: list[int] = []
    running = []
    for number, (function, args, kwargs) in enumerate(snails):
        greenlet = gevent.spawn(function, *args, **kwargs)
        greenlet.link_value(partial(lambda number, ended: goal.append(number), number))
        running.append(greenlet)
    for greenlet in running:
        greenlet.join()
    gevent.sleep(0)  # the last one calls back
    return goal
