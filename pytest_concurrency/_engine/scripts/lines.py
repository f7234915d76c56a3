"""Yield points at the beginning of chosen lines, also of those that touch nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.scripts.by_hand import LINE
from pytest_concurrency._sight import events
from pytest_concurrency._sight.stacks import short_name

if TYPE_CHECKING:
    from types import CodeType

    from pytest_concurrency._core.hand_written import PlayStep


def stop_lines(steps: tuple[PlayStep, ...], code: CodeType) -> frozenset[int]:
    """Return the lines of a code object at which a step stops."""
    name = short_name(code)
    return frozenset(step.line for step in steps if step.is_line_of(name))


def has_lines(code: CodeType) -> frozenset[int]:
    """Return the lines of a code object at which it can be stopped."""
    return frozenset(line for _, _, line in code.co_lines() if line)


def reach_line() -> None:
    """Offer a switch before a line."""
    task = here.task
    if task is not None and not task.quiet:
        task.run.reach(task, LINE)


class Lines(events.Lines):
    """Hears of every chosen line while it is on.

    Attributes:
        seen: The lines that could be stopped at, by the name of each function that a step names.
    """

    def __init__(self, steps: tuple[PlayStep, ...]) -> None:
        self.seen = seen = dict[str, frozenset[int]]()

        def wanted(code: CodeType) -> frozenset[int]:
            lines = stop_lines(steps, code)
            if lines:
                seen[short_name(code)] = has_lines(code)
            return lines

        super().__init__(wanted, reach_line)
