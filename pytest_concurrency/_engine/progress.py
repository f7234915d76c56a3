"""The larger picture of a run, looked at now and then: interrupts, budgets, progress."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine.record import Finding
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._engine.outside import Outside
    from pytest_concurrency._engine.readings import Readings
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.shared import Shared
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

CHECK_EVERY: Final = 512
NO_PROGRESS_AFTER: Final = 50_000
SAME_STATES: Final = 4
FAIR_SLICE: Final = 16
MOMENT: Final = 0.001  # seconds, for those who are outside


class Going(Protocol):
    """What is asked of the run."""

    tasks: list[Task]
    runnable: list[int]
    steps: int
    clock: VirtualClock
    record: Record
    shared: Shared
    outside: Outside
    readings: Readings
    watch: Watch

    @property
    def progress_at(self) -> int:
        """The step at which something has changed last that others can see."""

    def let_time_pass(self) -> None:
        """Move time to the next deadline."""


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

    def look_around(self, run: Going) -> Finding | None:
        """Look at the larger picture: interrupts, budgets, progress; tell why the run ends, if it does."""
        if run.record.interrupt is not None:
            return Finding("interrupt")
        over = self._over(run.steps, run.tasks)
        if over is not None:
            return over
        idle = run.steps - run.progress_at
        self.fair = idle > CHECK_EVERY
        if self.fair and not run.shared.in_turns:
            asks = stacks.user_frame(sys._getframe(), run.watch)  # the thread that looks is the one that gets nowhere
            run.shared.take_turns(None if asks is None else (asks.f_code.co_filename, asks.f_lineno))
        if idle <= 2 * CHECK_EVERY:
            return None
        if run.outside.count:  # who asks for what they do is right to
            real.sleep(MOMENT)
            return None
        if run.clock.next_deadline() is not None:
            run.let_time_pass()
            waits = run.clock.next_deadline() is not None
            return Finding("cut", f"{idle} steps in which only time passed") if waits and _is_endless(idle) else None
        if not run.readings.move(idle) and self._repeats(run.progress_at, [run.tasks[each] for each in run.runnable]):
            return Finding("no progress", idle)
        return Finding("no progress", idle) if _is_endless(idle) else None

    def _over(self, steps: int, tasks: Sequence[Task]) -> Finding | None:
        """Tell whether the budget is used up."""
        if steps >= self._max_steps:
            return Finding("cut", f"{self._max_steps} steps without an end")
        if real.monotonic() > self._deadline:
            going = ", ".join(each.name for each in tasks if each.state is not ENDED and each.body is each)
            return Finding("cut", f"time was up while {going} still ran")
        return None

    def put_off(self, seconds: float) -> None:
        """Let the deadline come so much later."""
        self._deadline += seconds

    def is_late(self, seconds: float) -> bool:
        """Tell whether the deadline has passed by so much."""
        return real.monotonic() > self._deadline + seconds

    def next_in_turn(self, runnable: Sequence[int], number: int | None) -> int:
        """Answer who goes next while nobody gets anywhere: each in turn, for a few steps."""
        self._fair_left -= 1
        if number is not None and self._fair_left > 0:
            return number
        self._fair_left = FAIR_SLICE
        later = [task for task in runnable if number is not None and task > number]
        return later[0] if later else runnable[0]

    def _repeats(self, progress_at: int, tasks: Sequence[Task]) -> bool:
        """Tell whether each of these tasks has come back to where it was, again and again."""
        if self._idle_since != progress_at:
            self._idle_since, self._idle_states = progress_at, {}
        states = self._idle_states
        for task in tasks:
            state = (task.id, stacks.plain_state(task.frame()))
            states[state] = states.get(state, 0) + 1
        often = {number for (number, _), times in states.items() if times >= SAME_STATES}
        return often.issuperset(task.id for task in tasks)


def _is_endless(idle: int) -> bool:
    return idle > NO_PROGRESS_AFTER
