"""Timers that are due at one time: which a schedule has let in before one that was started earlier, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._runtimes.greenlets.watchers import Timer
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._runtimes.greenlets.crew import Crew
    from pytest_concurrency._runtimes.greenlets.watchers import Watcher


def broken(arrivals: Sequence[Watcher], chosen: int, crew: Crew) -> str:
    """Say which timers were due together, if one comes before others that were started earlier; "" else."""
    timer = arrivals[chosen]
    others = [each for each in arrivals[:chosen] if isinstance(each, Timer)]
    if not others or not isinstance(timer, Timer):
        return ""
    were = "which was" if len(others) == 1 else "which were"
    return (
        f"{_whose(timer, crew)} came before {' and '.join(_whose(each, crew) for each in others)}, {were} started "
        "earlier for the same time: gevent does not say in which order equal timers come"
    )


def _whose(timer: Timer, crew: Crew) -> str:
    """Return who waits for a timer, and where."""
    part = crew.who(timer)
    if part is crew.callbacks:
        return f"the timer for {getattr(timer.callback, '__qualname__', timer.callback)}"
    frame = crew.stands_at(part)
    return f"the timer of {part.name}" + ("" if frame is None else f" at {stacks.frame_place(frame)}")
