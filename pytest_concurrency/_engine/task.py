"""Who can be chosen to go next, whom it asks, and what unwinds it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place, TaskState

SWALLOWS: Final = 100
RUNNING: Final = "running"
ENDED: Final = "ended"

END_OF_RUN: Final[Operation] = ("the end of the run", ())
"""What the scenario's task waits for, and does, while others have not ended."""


class Unwind(BaseException):
    """Unwinds a stopped task; no `except Exception` of a test may catch it."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """What a task waits for that sleeps."""

    seconds: float


class Waitable(Protocol):
    """What a task can stand in line for; see `Resource`."""

    waiters: list[Task]
    op_take: Operation


class Turn(Protocol):
    """What a double may ask of its run, also of one that is decided in another process.

    The caller is the task that has the turn, in its own thread; every method returns when the task
    has the turn again, or raises what unwinds it.

    Attributes:
        clock: The time of the run.
        stopping: Whether everybody is being unwound: no operation offers a switch any more.
        steps: How many yield points there were.
    """

    clock: VirtualClock
    stopping: bool
    steps: int

    def reach(self, task: Any, op: Operation) -> None:
        """Offer a switch before `op`; return when `task` is to do it."""

    def block(self, task: Any, op: Operation, target: object) -> None:
        """Take a task out of the race until `enable`, or until its deadline fires."""

    def enable(self, task: Any) -> None:
        """Put a blocked task back among those who can go on."""

    def disable(self, task: Any) -> None:
        """Take back `enable`: somebody else was faster."""

    def pick(self, task: Any, options: int) -> int:
        """Answer which of several equal waiters is woken."""

    def adopt(self, resource: Any) -> None:
        """Make an object of synchronisation part of the run."""

    def progressed(self) -> None:
        """Note that a task has changed something that others can see."""

    def unwind(self, task: Any) -> BaseException:
        """Return the exception that unwinds a task."""


class Task:
    """Who can be chosen; each kind of concurrency has its own.

    A run decides and calls `go` on whoever is next; the task itself calls `wait_for_turn`. What
    else a kind must answer is where the task is (`frame`), whether the system lets it go on
    (`clock_now`, `is_ready`), and how it is ended from outside (`strike`, `end_wait`).

    Attributes:
        run: The run that it belongs to.
        id: Its number: 0 is the scenario, then in the order of their start.
        name: What reports call it; no two of a run have the same.
        daemon: Whether an interpreter would not wait for it.
        state: `RUNNING` or `ENDED`.
        outside: Whether it waits for something out of control; then it is not among the runnable.
        quiet: While above 0 no switch is chosen (imports, log handlers, finalisers).
        busy: While above 0 it does something of the engine's own that may take long, and is left alone.
        waits_for: A resource, a task (a join), a `Sleep`, `END_OF_RUN`, or None.
        timed_out: Whether its last wait ended by its deadline.
        joiners: Who waits for its end.
        parked: Whether it could not be unwound and is left behind.
        saved: What sites keep from one instruction to the next.
        purpose: (lock, operation to take it, and to release it) while it does something to the lock's event.
    """

    __slots__ = ("_is_late", "busy", "daemon", "id", "joiners", "name", "outside", "parked", "purpose", "quiet", "run",
                 "saved", "state", "swallowed", "timed_out", "waits_for")  # fmt: skip

    word = "Task"
    """What reports call a task of this kind."""

    def __init__(self, run: Any, number: int, name: str, *, daemon: bool = False) -> None:
        self.run: Any = run
        self.id = number
        self.name = name
        self.daemon = daemon
        self.state = RUNNING
        self.outside = False
        self.quiet = 0
        self.busy = 0
        self.waits_for: Any = None
        self.timed_out = False
        self.joiners: list[Task] = []
        self.swallowed = 0
        self._is_late = False
        self.parked = False
        self.saved: dict[Any, Any] = {}
        self.purpose: tuple[Any, Operation, Operation] | None = None

    # -- what each kind answers

    def go(self) -> None:
        """Let it go on; called by whoever has the turn, which then must not touch the run any more."""
        raise NotImplementedError

    def wait_for_turn(self) -> None:
        """Come back when somebody lets it go on; called by the task itself."""
        raise NotImplementedError

    def wait_a_moment(self, seconds: float) -> bool:
        """Like `wait_for_turn`, but no longer than that; tell whether it was let go on."""
        raise NotImplementedError

    def frame(self) -> FrameType | None:
        """Return where it is, for reports and for the watchdog."""
        raise NotImplementedError

    def strike(self, kind: type[BaseException]) -> None:
        """Raise in it from outside, if its kind can."""
        raise NotImplementedError

    def end_wait(self) -> None:
        """End what it waits for outside, if its kind can be sure to; called when its run is over."""

    def entries(self) -> list[CodeType]:
        """Return the code that it may begin with, for reports."""
        return []

    def clock_now(self) -> Any:
        """Return what grows while it runs or waits for a processor; None where that is not known."""
        return None

    def is_ready(self) -> bool:
        """Tell whether it runs, or waits for a processor."""
        return False

    @property
    def is_pooled(self) -> bool:
        """Whether it is a pool's, which ends it."""
        return False

    @property
    def called(self) -> str:
        """The name that the user gave it, which others may have too."""
        return self.name

    @property
    def is_gone(self) -> bool:
        """Whether it was ended from outside, so that what it was about to do does not happen any more."""
        return False

    @property
    def as_holder(self) -> str:
        """What a report calls it where another waits for what it holds."""
        return self.name

    @property
    def title(self) -> str:
        """What a report calls it where it is waited for."""
        return f"{self.word.lower()} {self.called}"

    def is_at_work(self) -> bool:
        """Tell whether it is in the midst of the engine's own code, where it does not lose its turn."""
        return False

    # -- tasks that live in the thread of another

    @property
    def body(self) -> Task:
        """The task whose thread it runs in: itself, but for a step of an event loop."""
        return self

    def acts(self) -> bool:
        """Tell whether it is the one that runs in the thread of another, if that is seen; asked in any thread."""
        return False

    def stands_at(self) -> FrameType | None:
        """Return where it stands while its thread is elsewhere; None where the thread tells."""
        return None

    def started_at(self) -> Place:
        """Return where it was started, if that is known of what lives in a thread."""
        return stacks.frame_place(None)

    def stack(self) -> list[FrameType]:
        """Return the user's frames of what it awaits while its thread is elsewhere, the outermost first."""
        return []

    def neighbours(self) -> list[TaskState]:
        """Return how all stand who live in the same thread as it; nothing for one with a thread of its own."""
        return []

    def keeps_others(self) -> bool:
        """Tell whether others live in the same thread who could go on if it gave way."""
        return False

    def can_be_cancelled(self) -> bool:
        """Tell whether it can be asked to end where it waits, and others go on."""
        return False

    def cancel(self) -> None:
        """Ask it to end where it waits."""
        raise NotImplementedError

    def tells(self) -> FrameType | None:
        """Return where it says itself that it is, from another process; None where the caller's stack shows it."""
        return None

    # -- waiting

    def has_the_turn(self) -> None:
        """Take the turn before it looks whether it has to wait, if it lost the turn while it waited for something real.

        What it saw before could be over when it says that it waits, and then nobody would wake it.
        """
        if self.run.current is not self:
            self.run.outside.come_back(self)

    def stand_in_line(self, thing: Waitable, timeout_ns: int | None, *, free: bool) -> None:
        """Announce an operation that may have to wait; return when it may go on or has timed out.

        Args:
            thing: What it waits for.
            timeout_ns: Nanoseconds of virtual time; None for no limit.
            free: Whether it could go on at once.
        """
        run = self.run
        if run.stopping:
            raise run.unwind(self)
        if run.numbering.held:
            run.numbering.let_go(every=not free)
        token = 0
        if timeout_ns is not None:
            token = run.clock.add(run.clock.now_ns + timeout_ns, self.id)
        self.timed_out = self._is_late = False
        waiters = thing.waiters
        waiters.append(self)
        purpose = self.purpose
        op = thing.op_take if purpose is None or purpose[0] is not thing else purpose[1]
        try:
            if free:
                self.waits_for = thing
                run.reach(self, op)
                self.waits_for = None
                if run.stopping:
                    raise run.unwind(self)
            else:
                self._is_late = True
                run.block(self, op, thing)
        except BaseException as error:  # of a signal's handler, or what unwinds it
            if not isinstance(error, Unwind):
                waiters.remove(self)
                run.clock.cancel(token)
            raise
        waiters.remove(self)
        if token:
            self._has_waited(token, timeout_ns)

    def wait(self, op: Operation, target: object, timeout_ns: int | None) -> None:
        """Wait for something that cannot be had at once."""
        run = self.run
        if run.numbering.held:
            run.numbering.let_go(every=True)
        token = 0
        self.timed_out = False
        if timeout_ns is not None:
            token = run.clock.add(run.clock.now_ns + timeout_ns, self.id)
        try:
            run.block(self, op, target)
        except BaseException as error:  # of a signal's handler, or what unwinds it
            if token and not isinstance(error, Unwind):
                run.clock.cancel(token)
            raise
        if token:
            self._is_late = type(target) is not Sleep
            self._has_waited(token, timeout_ns)

    def _has_waited(self, token: int, timeout_ns: int | None) -> None:
        """Note how a wait with a limit went, if it came to one."""
        if not self.timed_out:
            self.run.clock.cancel(token)
        if self._is_late or self.timed_out:
            user = stacks.user_frame(sys._getframe(1), self.run.watch)
            self.run.record.waited_with_a_limit(stacks.line_of(user), gave_up=self.timed_out)
        if self.timed_out and self._is_late and self.run.recorder is not None:
            self.run.recorder.gave_up(self, timeout_ns or 0)

    def join(self, other: Task, op: Operation, timeout_ns: int | None) -> None:
        """Wait for the end of another task."""
        other.joiners.append(self)
        try:
            self.wait(op, other, timeout_ns)
        finally:
            other.joiners.remove(self)

    def means(self, purpose: tuple[Any, Operation, Operation] | None) -> None:
        """Say what it does to an event until the next call."""
        self.purpose = purpose

    def waits(self, target: object) -> None:
        """Note what it waits for from now on; None for nothing."""
        self.waits_for = target

    def comes_late(self) -> None:
        """Note that somebody else was faster, so that it waits for what it could have had."""
        self._is_late = True

    def time_is_up(self) -> None:
        """Note that its deadline has come."""
        self.timed_out = True

    # -- its life

    def hush(self) -> None:
        """Choose no switch in it until `speak`."""
        self.quiet += 1

    def speak(self) -> None:
        """Take back one `hush`."""
        self.quiet -= 1

    def begins_work(self) -> None:
        """Be left alone until `has_worked`: neither outside, nor called back."""
        self.busy += 1

    def has_worked(self) -> None:
        """Take back one `begins_work`."""
        self.busy -= 1

    def goes_outside(self) -> None:
        """Note that it waits for something out of control."""
        self.outside = True

    def is_back(self) -> None:
        """Note that it is under control again."""
        self.outside = False

    def has_ended(self) -> None:
        """Note that nothing of it will come any more."""
        self.state = ENDED

    def swallows_too_much(self) -> bool:
        """Count one more unwinding, and tell whether it has swallowed so many that it never will end."""
        self.swallowed += 1
        return self.swallowed > SWALLOWS

    def retires(self) -> None:
        """Let go of what it was about: its run is over, and nobody asks it any more."""
        self.joiners.clear()
        self.waits_for = None

    def park(self) -> None:
        """Leave it behind."""
        self.parked = True

    # -- what sites ask (`Looker`)

    def note_opaque(self, frame: FrameType) -> None:
        """Note that code runs whose effects do not show: nothing is proved by this run."""
        if self.run.alive > 1:
            self.run.shared.note_opaque((frame.f_code.co_filename, frame.f_lineno), self.id)
        else:
            self.run.shared.lose()

    def generator_of(self, frame: FrameType) -> Any:
        """Return the generator that a frame belongs to, if an access has shown it."""
        return self.run.numbering.generator_of(frame)
