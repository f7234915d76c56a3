"""Whether a schedule goes differently for what the one before has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.strategies.replay import Positional

if TYPE_CHECKING:
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.running import Running


def surviving(running: Running, first: Record) -> tuple[list[str], Record]:
    """Try whether the first schedule goes differently when it is run again, if it has changed something.

    Returns:
        The names of what it has changed, if it does; and the last run.
    """
    changed = running.state.changed()
    if not changed:
        return [], first
    again = running.once(Positional(list(first.choices)), offered=set())
    return (changed if _differs(first, again) else []), again


def _differs(first: Record, again: Record) -> bool:
    """Tell whether the same schedule went differently; what a scenario makes anew every time does not show."""
    if again.failed or again.refused is not None:
        return True
    return (first.steps, first.choices, first.shared) != (again.steps, again.choices, again.shared)
