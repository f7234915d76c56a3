"""Tasks that wait for something out of our control: others go on, and they come back."""

from __future__ import annotations

import contextlib
from bisect import insort
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._core.clock import NS
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import ask_again
from pytest_concurrency._engine.task import ENDED, RUNNING, Sleep, Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.shared import Shared
    from pytest_concurrency._engine.task import Task

SLEEPS_AFTER_NS: Final = NS // 2
ANSWERS_WITHIN: Final = 2.0  # seconds
POLLS: Final = (4, 50)
"""So often the world is asked, with time passing between, before it is polled: if it says no, and if it says yes."""


class Taken(Protocol):
    """What is asked of the run."""

    tasks: list[Task]
    runnable: list[int]
    current: Task | None
    root: Task
    steps: int
    stopping: bool
    clock: VirtualClock
    record: Record
    shared: Shared

    def set_turn(self, task: Task | None) -> None:
        """Say whose turn it is."""

    def take_away(self, task: Task, steps: int) -> bool:
        """Let it be nobody's turn if the task has it and has made no step since; tell whether that was so."""

    def let_time_pass(self) -> None:
        """Move time to the next deadline."""

    def choose_next(self, current: Task | None) -> Task:
        """Ask who goes next."""

    def await_turn(self, task: Task) -> None:
        """Wait until the task has the turn."""

    def enable(self, task: Task) -> None:
        """Put a task back among those who can go on."""


class Strangers(Protocol):
    """What is asked about threads that are no tasks.

    Attributes:
        company: Who was there before and may change what the world has, in words; "" for nobody.
    """

    company: str

    def are_woken(self, seconds: float) -> None:
        """Note that one was woken, and may take so long to answer, whatever it waits for by now."""

    def may_act(self, tasks: list[Task]) -> bool:
        """Tell whether one may do of its own accord what a task waits for."""


class Outside:
    """Keeps count of the tasks of one run that are outside.

    All other state belongs to who has the turn; here a task that comes back, the watchdog and
    foreign threads come in from elsewhere, so everything happens under a mutex.

    While somebody is outside, virtual time does not run ahead of it: where nobody can go on, it
    passes as real time does, up to the next deadline (`pace`); but a mere sleep, which asks nothing of
    the others, ends after `SLEEPS_AFTER_NS` at the latest.

    Attributes:
        count: How many are outside.
        is_polled: Whether somebody asks the world outside again and again, and sleeps between.
        let_go: Who unwinds beside the root of a run that is over.
        sees_files: Whether files are no part of that world: who makes them does it in a step.
    """

    sees_files = False

    def __init__(self, run: Taken) -> None:
        self._run = run
        self._nobody_since = 0
        self._since = 0  # real nanoseconds, when it became nobody's turn
        self._expected_until = 0.0
        self._strangers: Strangers | None = None
        self._await_strangers = False
        self._asked_at = 0  # virtual nanoseconds, when the world was asked last
        self._asked = [0, 0]  # how often it has said no, and yes
        self.is_polled = False
        self.count = 0
        self.let_go: list[Task] = []
        self.mutex = real.allocate_lock()

    # -- of the task itself

    def come_back(self, task: Task) -> None:
        """Take a task back that went on while it was thought to be outside."""
        if not self.takes_back(task):
            self._run.await_turn(task)

    def takes_back(self, task: Task) -> bool:
        """Take a task back, and tell whether it has the turn.

        Raises:
            Unwind: Nobody waits for it any more.
        """
        run = self._run
        with self.mutex:
            self._is_back(task)
            if task.parked:
                raise Unwind
            if task.state is RUNNING and task.id not in run.runnable:
                insort(run.runnable, task.id)
            if run.current is None:
                self._flow()
                run.set_turn(task)
            return run.current is task

    def may_end(self, task: Task) -> bool:
        """Let a task that does not have the turn come to its end; False if nobody waits for that."""
        try:
            if not self.takes_back(task):
                task.wait_for_turn()
        except Unwind:
            task.has_ended()
            return False
        return True

    @contextlib.contextmanager
    def stepping(self, task: Task, place: Any) -> Iterator[None]:
        """Let the others go on while `task` waits for something real."""
        run = self._run
        while not run.take_away(task, run.steps):
            self.come_back(task)
        with self.mutex:
            self._leaves(task, place)
            other = run.choose_next(None) if run.runnable else None
            self._give(other)
        try:
            yield
        finally:
            self.come_back(task)

    def is_all_that_is_left(self) -> bool:
        """Tell whether nobody can run but who may come back from outside; then it is nobody's turn."""
        run = self._run
        self._await_strangers = self._strangers is not None and not self.count and self._strangers.may_act(run.tasks)
        if self._await_strangers:
            run.record.went_outside("everybody", "a thread from elsewhere has at hand what they wait for")
        with self.mutex:
            polled = self.is_polled and run.clock.now_ns == self._asked_at and run.clock.next_deadline() is not None
            expected = self._await_strangers or real.monotonic() < self._expected_until
            if not run.runnable and (self.count or polled or expected):
                self._nobody()
                return True
        return False

    def took_until(self, task: Task, ends_at: int) -> None:
        """Let a wait outside, which has given up, have taken its time."""
        run = self._run
        if run.current is not task:
            self.come_back(task)
        if run.clock.now_ns < ends_at:
            run.clock.flow(ends_at - run.clock.now_ns)

    def is_asked_again(self, task: Task, *, says_yes: bool) -> bool:
        """Count a question to the world outside, if time has passed since the last; tell whether somebody polls.

        Mostly what is polled for ends a "no". Who waits for a file to go is told from who has many jobs that look.
        """
        now = self._run.clock.now_ns
        if now != self._asked_at:
            self._asked_at = now
            self._asked[says_yes] += 1
        return self._asked[says_yes] >= POLLS[says_yes]

    def polls(self, task: Task, place: Any) -> None:
        """Note that a task asks the world outside again and again: until it answers, time is real."""
        if not self.is_polled:
            self.is_polled = True
            self._run.record.went_outside(task.name, place)

    def expects(self, seconds: float, place: Any) -> None:
        """Note that something comes from outside within so many seconds; 0 for nothing any more."""
        self._expected_until = real.monotonic() + seconds
        self._run.record.went_outside("everybody", place)

    def asks(self, strangers: Strangers) -> None:
        """Ask this about threads that are no tasks, where nobody can go on."""
        self._strangers = strangers

    def wakes(self, task: Task) -> None:
        """Note that a task wakes a thread that is none: it may answer, and gets some time for that."""
        if self._strangers is not None:
            self._strangers.are_woken(ANSWERS_WITHIN)
        self.expects(ANSWERS_WITHIN, f"a foreign thread that {task.name} wakes")

    # -- of the watchdog

    def seize(self, task: Task, steps: int, place: Any, *, at_work: bool = False) -> None:
        """Take the turn from a task that waits for something out of our control.

        Args:
            task: The task.
            steps: How many steps there were when it was seen to wait.
            place: Where that was.
            at_work: Whether it loses its turn even in the midst of the engine's own code: what it has seen there may
                be over when it goes on, and whom it is about to wake may wait for ever.
        """
        run = self._run
        with self.mutex:
            if run.stopping or not run.take_away(task, steps):
                return
            if not at_work and task.is_at_work():  # asked only now: before, it could have gone on
                run.set_turn(task)
                return
            self._leaves(task, place)
            self._give(run.tasks[run.runnable[0]] if run.runnable else None)

    def nobody_for(self) -> float:
        """Return for how many seconds nobody has had the turn."""
        with self.mutex:
            return (real.monotonic_ns() - self._nobody_since) / NS if self._run.current is None else 0.0

    def pace(self) -> None:
        """Let time pass as fast as it really does, where everybody waits for it or is outside."""
        run = self._run
        with self.mutex:
            if run.current is not None or run.stopping:
                return
            deadline = run.clock.next_deadline()
            if not run.runnable and not ask_again(run) and deadline is not None:
                self._flow()
                if run.clock.now_ns >= deadline or self._may_jump():
                    run.let_time_pass()
            if run.runnable:
                self._give(run.tasks[run.runnable[0]])

    def lose(self, task: Task, place: Any) -> None:
        """Take a run that is being stopped from a task that does not stop, and give it to the root."""
        with self.mutex:
            if self._run.current is task:
                self._leaves(task, place)
                self._to_root()

    def free(self) -> None:
        """Give a run that is being stopped to the root, if nobody has it."""
        with self.mutex:
            if self._run.current is None:
                self._to_root()

    def lets_others_go(self) -> None:
        """Let all who stand in line in a run that is over unwind beside the root, which waits for what one of them has.

        A lock of C's, such as that of a buffered reader, shows nowhere, and nothing ends the wait for it.
        """
        run = self._run
        with self.mutex:
            for task in run.tasks:
                is_thread = task.body is task and task is not run.root and task is not run.current
                if is_thread and not (task.parked or task.outside or task.state is ENDED):
                    task.park()
                    self.let_go.append(task)
                    task.go()

    # -- of those who take a run down

    def hand_to_root(self, task: Task) -> None:
        """Give the turn of a task in a run that is being stopped to the root, unless nobody waits for it."""
        with self.mutex:
            if not task.parked:
                self._to_root()

    def gives_up(self, task: Task) -> None:
        """Park a task that does not want to end, of its own accord, and let the root go on."""
        with self.mutex:
            if not task.parked:
                task.park()
                self._to_root()

    def is_back(self, task: Task) -> bool:
        """Tell whether a task is under control again."""
        with self.mutex:
            return not task.outside

    def leave_behind(self, task: Task) -> bool:
        """Park a task, of the root's own accord; False if it has handed over meanwhile."""
        run = self._run
        with self.mutex:
            if run.current is run.root and not task.outside:
                return False
            self._is_back(task)
            task.park()
            run.set_turn(run.root)
        task.strike(Unwind)
        return True

    def nobody_has_the_turn(self, task: Task) -> bool:
        """Give the turn to a task if nobody has it; tell whether that was so."""
        with self.mutex:
            if self._run.current is None and task.state is not ENDED:
                self._run.set_turn(task)
                return True
        return False

    # -- of foreign threads

    def poke(self, waiters: list[Task]) -> None:
        """Enable tasks because a foreign thread released what they wait for."""
        run = self._run
        with self.mutex:
            woken = ", ".join(task.name for task in waiters)
            if here.handling is None:
                run.record.went_outside("a foreign thread", f"it lets {woken} go on")
            else:
                run.record.went_outside(here.handling.name, f"the handler of a signal lets {woken} go on")
            for task in waiters:
                run.enable(task)
            if run.current is None and run.runnable:
                self._give(run.tasks[run.runnable[0]])

    # -- of signals

    def breaks_off(self, task: Task) -> None:
        """Enable a task in which a signal's handler has raised while it waited for its turn."""
        run = self._run
        with self.mutex:
            if run.stopping:
                return
            run.record.went_outside(task.name, "a signal")
            task.waits(None)
            run.enable(task)
            if run.current is None:
                self._give(task)

    # -- under the mutex

    def _is_back(self, task: Task) -> None:
        if task.outside:
            task.is_back()
            self.count -= 1

    def _leaves(self, task: Task, place: Any) -> None:
        run = self._run
        run.record.went_outside(task.name, place)
        if not task.outside:
            task.goes_outside()
            self.count += 1
        if task.id in run.runnable:
            run.runnable.remove(task.id)

    def _may_jump(self) -> bool:
        """Tell whether nobody is outside any more, or a mere sleep comes next, and they have had their time."""
        expected = self._await_strangers or real.monotonic() <= self._expected_until
        if not (self.count or self.is_polled or expected):
            return True
        number = self._run.clock.next_waiter()
        sleeps = number is not None and type(self._run.tasks[number].waits_for) is Sleep
        return sleeps and not self.is_polled and self._since - self._nobody_since > SLEEPS_AFTER_NS

    def _nobody(self) -> None:
        self._since = self._nobody_since = real.monotonic_ns()
        self._run.set_turn(None)

    def _give(self, other: Task | None) -> None:
        if other is None:
            self._nobody()
            return
        self._run.set_turn(other)
        other.go()

    def _to_root(self) -> None:
        """Let the root go on; it takes the turn itself when it comes back from outside."""
        root = self._run.root
        if root.outside:
            self._nobody()
        elif self._run.current is not root:
            self._give(root)

    def _flow(self) -> None:
        """Let virtual time pass as real time has since it is nobody's turn, up to the next deadline."""
        now = real.monotonic_ns()
        self._run.clock.flow(now - self._since)
        self._since = now
