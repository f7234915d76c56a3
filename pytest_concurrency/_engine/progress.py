"""The larger picture of a run, looked at now and then: interrupts, budgets, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.record import Finding
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._engine.task import Task

CHECK_EVERY: Final = 512
NO_PROGRESS_AFTER: Final = 50_000
SAME_STATES: Final = 4
FAIR_SLICE: Final = 16


class Progress:
    """Whether a run gets anywhere, and how long it may take.

    Args:
        max_steps: The run is cut after so many yield points.
        deadline: When it is cut, on the real clock.

    Attributes:
        fair: Whether each task has its turn for a few steps, as nobody gets anywhere.
    """

    def __init__(self, max_steps: int, deadline: float) -> None:
        self._max_steps = max_steps
        self._deadline = deadline
        self._idle_since = 0
        self._idle_states: dict[Any, int] = {}
        self._fair_left = 0
        self.fair = False

    def is_over(self, steps: int, tasks: Sequence[Task]) -> Finding | None:
        """Tell whether the budget is used up."""
        if steps >= self._max_steps:
            return Finding("cut", f"{self._max_steps} steps without an end")
        if real.monotonic() > self._deadline:
            going = ", ".join(each.name for each in tasks if each.state is not ENDED)
            return Finding("cut", f"time was up while {going} still ran")
        return None

    def idle_for(self, steps: int) -> bool:
        """Learn how many steps brought nothing; tell whether that is worth a closer look."""
        self.fair = steps > CHECK_EVERY
        return steps > 2 * CHECK_EVERY

    def next_in_turn(self, runnable: Sequence[int], number: int | None) -> int:
        """Answer who goes next while nobody gets anywhere: each in turn, for a few steps."""
        self._fair_left -= 1
        if number is not None and self._fair_left > 0:
            return number
        self._fair_left = FAIR_SLICE
        later = [task for task in runnable if number is not None and task > number]
        return later[0] if later else runnable[0]

    def repeats(self, progress_at: int, tasks: Sequence[Task]) -> bool:
        """Tell whether each of these tasks has come back to where it was, again and again."""
        if self._idle_since != progress_at:
            self._idle_since, self._idle_states = progress_at, {}
        states = self._idle_states
        for task in tasks:
            state = (task.id, stacks.plain_state(task.frame()))
            states[state] = states.get(state, 0) + 1
        often = {number for (number, _), times in states.items() if times >= SAME_STATES}
        return often.issuperset(task.id for task in tasks)
