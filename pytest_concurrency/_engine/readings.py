"""The clock, read again and again: a loop that waits for a time gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.outside import Outside
    from pytest_concurrency._engine.shared import Shared
    from pytest_concurrency._engine.task import Task

_LOOK: Final[Operation] = ("look", ())
STILL: Final = 1000
"""So often the clock is read, while nothing happens, before time moves."""
EVERY: Final = 50
"""After so many further readings a switch is offered, and each reading moves time twice as far."""
_LEAST_NS: Final = 1000
_DOUBLED: Final = 20  # times at most: then a reading takes a second


class Read(Protocol):
    """What is asked of the run."""

    clock: VirtualClock
    outside: Outside
    shared: Shared
    current: Task | None
    stopping: bool

    @property
    def progress_at(self) -> int:
        """The step at which something has changed last that others can see."""

    def let_time_pass(self) -> None:
        """Move time to the next deadline."""

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch before `op`; return when `task` is to do it."""


class Readings:
    """Counts how often the clock of one run is read while nothing else happens.

    `while monotonic() < end: pass` would never end in a time that only moves when nobody can run.
    From the `STILL`th reading on without any progress, each one moves time: first by a
    microsecond, and twice as far after every `EVERY`; a deadline that is reached on the way fires.
    Counted are readings alone, so equal schedules see equal times.
    """

    def __init__(self, run: Read) -> None:
        self._run = run
        self._count = 0
        self._state: tuple[int, int] = (0, 0)
        self._real_ns = 0

    def now_ns(self, task: Task) -> int:
        """Return the time as a task reads it."""
        run = self._run
        if run.stopping or task.quiet:
            return run.clock.now_ns
        if run.current is not task:
            run.outside.come_back(task)
        state = (run.progress_at, run.clock.now_ns)
        if state != self._state:
            self._state, self._count, self._real_ns = state, 0, real.monotonic_ns()
        self._count += 1
        if self._count > STILL:
            self._move(task)
        return run.clock.now_ns

    def _move(self, task: Task) -> None:
        run, clock = self._run, self._run.clock
        run.shared.note_opaque()  # who reads moves what all others read
        rounds, since = divmod(self._count - STILL, EVERY)
        if run.outside.count:  # then time passes as it really does
            now = real.monotonic_ns()
            step, self._real_ns = now - self._real_ns, now
        else:
            step = _LEAST_NS << min(rounds, _DOUBLED)
        deadline = clock.next_deadline()
        if deadline is not None and clock.now_ns + step >= deadline:
            run.let_time_pass()
        else:
            clock.flow(step)
        self._state = (self._state[0], clock.now_ns)
        if not since:
            run.reach(task, _LOOK)

    def move(self, idle: int) -> bool:
        """Tell whether it is the clock that those ask who have made so many steps for nothing."""
        return self._count * 8 > idle
