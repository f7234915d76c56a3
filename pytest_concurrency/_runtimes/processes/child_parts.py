"""What belongs to a run, as a child process has it: each part passes on what it is told."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._core.clock import VirtualClock
from pytest_concurrency._runtimes.processes import failing

if TYPE_CHECKING:
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

READINGS: Final = 1000
"""After so many readings of the clock the process that decides is asked for the time."""


class Line(Protocol):
    """What is asked of the run."""

    watch: Watch
    clock: ChildClock

    def blind(self) -> None:
        """Say that something happens which does not show."""

    def answer(self, *message: Any) -> Any:
        """Say something, and return the answer."""

    def tell(self, *message: Any) -> None:
        """Say something that needs no answer."""

    def gives_up(self, task: Task, place: str) -> None:
        """Say that what comes is out of control."""


class Deaf:
    """Stands for the events of the interpreter: in a child nobody listens to them."""

    def enter_thread(self) -> None:
        """Do nothing."""

    def leave_thread(self) -> None:
        """Do nothing."""

    def hush(self) -> Any:
        """Do nothing."""

    def hear_again(self, hushed: Any) -> None:
        """Do nothing."""


class ChildClock(VirtualClock):
    """The time of the run, as it was told last; deadlines wait where it is decided."""

    __slots__ = ("_run", "_tokens")

    def __init__(self, run: Line) -> None:
        super().__init__()
        self._run = run
        self._tokens = itertools.count(1)

    def is_now(self, now_ns: int) -> None:
        """Note the time."""
        self.now_ns = now_ns

    def add(self, deadline_ns: int, task: int) -> int:
        """Register a deadline."""
        token = next(self._tokens)
        self._run.tell("timer", token, deadline_ns, task)
        return token

    def cancel(self, token: int) -> None:
        """Forget one."""
        self._run.tell("cancel", token)


class _OfRun:
    def __init__(self, run: Line) -> None:
        self._run = run


class ChildRecord(_OfRun):
    """Passes on what belongs into the record of the run."""

    @property
    def errors(self) -> ChildRecord:
        """Where the errors of threads go."""
        return self

    def append(self, failed: tuple[str, BaseException]) -> None:
        """Pass on what has ended a thread."""
        self._run.tell("failed", failed[0], failing.packed(failed[1], self._run.watch))

    def interrupts_itself(self) -> None:
        """Do nothing: what comes of a Ctrl-C in a child ends that alone."""

    def waited_with_a_limit(self, line: tuple[str, int], *, gave_up: bool) -> None:
        """Pass on where somebody has waited with a limit."""
        self._run.tell("limited", line, gave_up)

    def went_outside(self, name: str, place: object) -> None:
        """Pass on that somebody waits for something out of control."""
        self._run.tell("outside", name, str(place or ""))


class ChildShared(_OfRun):
    """Passes on that nothing is proved; what is touched in a child is looked at nowhere."""

    step: Any = None
    has_company = False

    def note_opaque(self, _at: tuple[str, int] | None = None, _task: int | None = None) -> None:
        """Pass on that something happens which does not show."""
        self._run.blind()

    def doubt(self) -> bool:
        """Offer no switch: another process has no part in what is touched here."""
        return False

    def note_unknown(self, task: int) -> None:
        """The same."""
        self.note_opaque()

    def hands_out(self) -> None:
        """The same: it may be memory that others have, too."""
        self.note_opaque()

    def asks_the_world(self, at: tuple[str, int]) -> None:
        """Do nothing: beside others from before nothing is proved of what has children."""

    def meets(self, touched: Any, at: tuple[str, int]) -> None:
        """Do nothing: the same."""

    def lose(self) -> None:
        """Do nothing: no step of a child's loop is gathered."""


class ChildOutside(_OfRun):
    """What is outside for a child: nobody goes on meanwhile, so the run is given up."""

    count = 0
    sees_files = True

    def stepping(self, task: Task, place: Any) -> Any:
        """Give up: a thread outside the run holds what is waited for."""
        self._run.gives_up(task, str(place))

    def come_back(self, task: Task) -> None:
        """Do nothing: whoever acts has the turn."""

    def is_asked_again(self, task: Task, *, says_yes: bool) -> bool:
        """Note a question to the world outside."""
        self._run.blind()
        return False

    def took_until(self, task: Task, ends_at: int) -> None:
        """Do nothing: it took real time."""

    def wakes(self, task: Task) -> None:
        """Do nothing: who waited in the parent is not here."""


class ChildReadings(_OfRun):
    """The clock, read again and again."""

    def __init__(self, run: Line) -> None:
        super().__init__(run)
        self._count = 0

    def now_ns(self, task: Task) -> int:
        """Return the time as a task reads it."""
        run = self._run
        self._count += 1
        if self._count % READINGS == 0 and not task.quiet:
            run.clock.is_now(int(run.answer("now", READINGS)[0]))
        return run.clock.now_ns
