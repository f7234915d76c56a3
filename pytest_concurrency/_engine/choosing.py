"""Who goes next where that is not decided in line: a guide, each in turn, or the strategy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.schedule import usual
from pytest_concurrency._engine.current import quietly
from pytest_concurrency._engine.task import Sleep
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._engine.contracts import Guide
    from pytest_concurrency._engine.progress import Progress
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

EXACT: Final = "exact"
SLEEPS: Final = "sleeps"
ANY: Final = "any"
"""When time may pass: only when nobody can run; also to the end of a sleep; to every deadline."""
STRICT: Final = "strict"
DOCUMENTED: Final = "documented"
ORDERS: Final = (STRICT, DOCUMENTED, ANY)
"""In which order an event loop takes what is ready: see `passes.py` of `_runtimes/aio` and of `_runtimes/greenlets`."""


class Choosing:
    """Asks whoever decides.

    Args:
        strategy: Decides where nobody else does.
        time: When time may pass: `EXACT`, `SLEEPS` or `ANY`.
        order: In which order event loops take what is ready, one of `ORDERS`.
        guide: Decides first, where a schedule is followed.
        recorder: Is told the decisions, if there is one.
        record: Keeps the strategy's answers.
        progress: Knows when each task is to have its turn.

    Attributes:
        choose: The strategy's method.
    """

    def __init__(
        self,
        strategy: Strategy,
        time: str,
        guide: Guide | None,
        recorder: Recorder | None,
        record: Record,
        progress: Progress,
        order: str = DOCUMENTED,
    ) -> None:
        self.strategy = strategy
        ours = type(strategy).__module__.startswith("pytest_concurrency.")
        self.choose: Callable[..., int] = strategy.choose if ours else quietly(strategy.choose)
        self.time = time
        self.order = order
        self._guide = guide
        self._recorder = recorder
        self._record = record
        self._progress = progress

    def time_may_pass(self, clock: VirtualClock, tasks: Sequence[Task]) -> bool:
        """Tell whether it is a choice now that time passes."""
        if self.time == EXACT or clock.next_deadline() is None or self._progress.fair:
            return False
        number = clock.next_waiter()
        return self.time == ANY or (number is not None and type(tasks[number].waits_for) is Sleep)

    def ask(self, runnable: list[int], number: int | None, pending: Mapping[int, Operation]) -> int:
        """Answer who goes next; `number` is the task that could go on, if it can."""
        if self._guide is not None:
            chosen = self._guide.choose(runnable, number)
            if chosen is not None:
                if self._recorder is not None:
                    self._recorder.goes_next(number, chosen)
                return chosen
        if self._progress.fair:
            chosen = self._progress.next_in_turn(runnable, number)
        elif len(runnable) > 1 or self.strategy.every_step:
            chosen = self.choose(runnable, number, pending)
            if len(runnable) > 1:
                self._record.choices.append(chosen)
        else:
            return runnable[0]
        if chosen != usual(runnable, number):
            self._record.switched()
        if self._recorder is not None:
            self._recorder.chose(number, chosen, runnable)
        return chosen

    def pick(self, task: Task, options: int) -> int:
        """Answer which of several equal waiters is woken."""
        where = None if self._recorder is None else self._recorder.at_pick(task)
        if self._guide is not None and where is not None:
            chosen = self._guide.pick(task, where, options)
            if chosen is not None:
                return chosen
        chosen = self.strategy.pick(options)
        self._record.choices.append(chosen)
        if chosen:
            self._record.switched()
            if self._recorder is not None:
                self._recorder.picked(chosen)
        return chosen


def placed(error: Exception, watch: Watch) -> Exception:
    """Say where in the user's code equal choices led to different operations, if that is the error."""
    if isinstance(error, NotDeterministicError):
        return NotDeterministicError(str(stacks.frame_place(stacks.user_frame(sys._getframe(1), watch))))
    return error
