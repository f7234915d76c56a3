"""Timers that are due at one time: which a schedule has let in before one that was made earlier, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._runtimes.aio.steps import LoopTask
from pytest_concurrency._runtimes.aio.timers import NumberedTimer
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Sequence


def broken(arrivals: Sequence[Any], chosen: int) -> str:
    """Say which timers were due together, if one comes before others that were made earlier; "" else."""
    timer, others = arrivals[chosen], [each for each in arrivals[:chosen] if isinstance(each, NumberedTimer)]
    if not others or not isinstance(timer, NumberedTimer):
        return ""
    were = "which was" if len(others) == 1 else "which were"
    return (
        f"{_whose(timer)} came before {' and '.join(map(_whose, others))}, {were} made earlier for the same time: "
        "asyncio leaves the order of equal deadlines open"
    )


def _whose(timer: Any) -> str:
    """Return who waits for a timer, and where; what it calls, if nobody does."""
    for future in timer._args or ():
        for callback, _ in getattr(future, "_callbacks", None) or ():
            part = getattr(getattr(callback, "__self__", None), "part", None)
            if isinstance(part, LoopTask):
                frame = part.stands_at()
                at = "" if frame is None else f" at {stacks.frame_place(frame)}"
                return f"the timer of {part.name}{at}"
    code = getattr(timer._callback, "__code__", None)
    name = getattr(timer._callback, "__name__", type(timer._callback).__name__)
    return f"the timer for {name if code is None else stacks.short_name(code).rpartition('.')[2]}"
