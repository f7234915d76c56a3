"""One controlled run: real threads, one at a time, and the baton between them."""

from __future__ import annotations

import threading
from bisect import insort
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import VirtualClock
from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.operations import BEGIN, TIME, TIME_PASSES, Operation
from pytest_concurrency._core.schedule import usual
from pytest_concurrency._engine import ending, outside, progress
from pytest_concurrency._engine.current import here, quietly
from pytest_concurrency._engine.numbering import Identities
from pytest_concurrency._engine.task import ENDED, RUNNING, SWALLOWS, Task, Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.scripts.recorder import Recorder

FORCE_AFTER: Final = 2_000
"""A task that touches so much without a switch is made to offer one."""
END_OF_RUN: Final[Operation] = ("the end of the run", ())
END_WITH_DAEMONS: Final[Operation] = ("the end of the run", None)


class Run:
    """Runs one schedule of a scenario.

    All state belongs to the thread that holds the baton; only `mutex` paths (a task that comes
    back from outside, the watchdog) touch it from elsewhere.

    Args:
        strategy: Decides who goes next.
        clock_any: Whether time may pass at any step.
        offered: Sites of watched code where switches are offered in this run.
        recorder: Records the run in detail, and follows a recorded one; None on the fast path.
        max_steps: The run is cut after so many yield points.

    Attributes:
        feed: Told every watched access; None while no oracle is on.
    """

    feed: Any = None

    def __init__(
        self,
        strategy: Strategy,
        *,
        clock_any: bool = False,
        offered: set[int],
        recorder: Recorder | None = None,
        max_steps: int = 1_000_000,
    ) -> None:
        # Long, because it is the list of everything that a run consists of.
        self.strategy = strategy
        ours = type(strategy).__module__.startswith("pytest_concurrency.")
        self.choose = strategy.choose if ours else quietly(strategy.choose)
        self.clock = VirtualClock()
        self.clock_any = clock_any
        self.offered = offered
        self.recorder = recorder
        self.max_steps = max_steps
        self.always = strategy.every_step or clock_any or recorder is not None
        self.tasks: list[Task] = []
        self.runnable: list[int] = []
        self.pending: dict[int, Operation] = {TIME: TIME_PASSES}
        self.choices: list[int] = []
        self.usual = True  # no switch so far
        self.steps = 0
        self.progress_at = 0
        self.checkpoint = progress.CHECK_EVERY
        self.stirred = False  # whether watched code has written since a switch was forced
        self.force_after = FORCE_AFTER
        self.idle_since = 0
        self.idle_states: dict[Any, int] = {}
        self.fair = False
        self.fair_left = 0
        self.alive = 0
        self.mutex = real.allocate_lock()
        self.stopping = False
        self.finding: tuple[str, Any] | None = None  # ("deadlock", states), ("cut", why) ...
        self.interrupt: BaseException | None = None
        self.errors: list[tuple[Task, BaseException]] = []
        self.uncontrolled: list[tuple[str, Any]] = []  # (task name, place) in order
        self.outside_count = 0
        self.adopted: list[Resource] = []
        self.identities = Identities()
        self.serial = self.identities.serial
        self.next_double = 0
        self.names: dict[str, int] = {}
        self.touched: dict[Any, list[Any]] = {}
        self.widened: set[int] = set()
        self.unknown = False  # some step's effect was unknown: it conflicts with all that was touched
        self.opaque = False  # a task runs code whose effects do not show
        self.deadline = float("inf")  # real time
        self.excepthook: Any = None
        self.wall_start_ns = 0
        self.monitor: Any = None
        self.place: Callable[[], str] | None = None
        self.snapshot: Callable[[], None] = lambda: None
        self.at_end: Callable[[], None] = lambda: None
        self.note_target: Callable[..., None] = lambda *_: None
        self.root = self.add_task("main")
        self.root.ident = real.get_ident()
        self.root.native = threading.get_native_id()
        self.current: Task | None = self.root
        self.pending[0] = BEGIN

    # -- tasks

    def add_task(self, name: str) -> Task:
        """Make a task that is runnable and has not begun."""
        same = self.names.get(name, 0)
        self.names[name] = same + 1
        task = Task(self, len(self.tasks), f"{name} #{same + 1}" if same else name)
        self.tasks.append(task)
        self.pending[task.id] = BEGIN
        self.runnable.append(task.id)
        self.alive += 1
        return task

    # -- yield points

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch before `op`; return when `task` is to do it."""
        if self.current is not task:
            outside.come_back(self, task)
        if self.stopping:
            return
        self.pending[task.id] = op
        self.steps = steps = self.steps + 1
        task.events = 0
        if steps >= self.checkpoint:
            progress.check(self, task)
        if task.quiet:
            return
        runnable = self.runnable
        if self.always or self.fair:
            self._reach_slowly(task, op)
        elif len(runnable) > 1:
            try:
                chosen = self.choose(runnable, task.id, self.pending)
            except Exception as error:  # told by the driver, never to the scenario
                self.stop(task, ("strategy", self._placed(error)))
            self.choices.append(chosen)
            if chosen != task.id:
                self.usual = False
                self._hand_over(task, self.tasks[chosen])

    def _reach_slowly(self, task: Task, op: Operation) -> None:
        if self.recorder is not None:
            self.recorder.arrive(task, op)
        other = self.choose_next(task)
        if other is not task:
            self._hand_over(task, other)
        elif self.stopping:
            raise self.unwind(task)
        if self.recorder is not None:
            self.recorder.does(task, op)

    def block(self, task: Task, op: Operation, target: object) -> None:
        """Take a task out of the race until `enable`, or until its deadline fires."""
        if self.current is not task:
            outside.come_back(self, task)
        if self.stopping:
            raise self.unwind(task)
        self.pending[task.id] = op
        self.steps += 1
        task.events = 0
        task.waits_for = target
        self.runnable.remove(task.id)
        if self.recorder is not None:
            self.recorder.arrive(task, op)
        other = self._next_after(task)
        if other is not task:
            self._hand_over(task, other)
        elif self.stopping:
            raise self.unwind(task)
        task.waits_for = None
        if self.steps >= self.checkpoint:  # who only sleeps never comes to `reach`
            progress.check(self, task)
        if self.recorder is not None:
            self.recorder.does(task, op)

    def enable(self, task: Task) -> None:
        """Put a blocked task back among the runnable ones."""
        if task.id not in self.runnable and not task.outside and task.state is RUNNING:
            insort(self.runnable, task.id)

    def disable(self, task: Task) -> None:
        """Take back `enable`: somebody else was faster."""
        if task.id in self.runnable:
            self.runnable.remove(task.id)

    def pick(self, task: Task, options: int) -> int:
        """Choose one of several equal waiters."""
        if options < 2 or task.quiet or self.stopping:
            return 0
        if self.recorder is not None:
            chosen = self.recorder.pick(task, options)
            if chosen is not None:
                return chosen
        chosen = self.strategy.pick(options)
        self.choices.append(chosen)
        if chosen:
            self.usual = False
        if self.recorder is not None:
            self.recorder.picked(task, chosen)
        return chosen

    def end(self, task: Task) -> None:
        """End a task: the last act of its thread that touches the run."""
        if self.current is not task:
            outside.come_back(self, task)
        task.state = ENDED
        self.alive -= 1
        self.progress_at = self.steps
        self.pending.pop(task.id, None)
        if task.id in self.runnable:
            self.runnable.remove(task.id)
        for waiter in task.joiners:
            self.enable(waiter)
        if self.stopping:
            self._give(self.root)
            return
        if self.root.waits_for is END_OF_RUN and not self.unfinished():
            self.enable(self.root)
        if self.recorder is not None:
            self.recorder.arrive(task, ("end", ()))
        other = self._next_after(task)
        if other is not task:
            self._give(other)

    def unfinished(self) -> list[Task]:
        """The tasks that an interpreter would wait for at its end."""
        return [t for t in self.tasks[1:] if t.state is not ENDED and not t.daemon]

    def wait_for_end(self) -> None:
        """Block the scenario's task until every non-daemon task has ended."""
        if self.unfinished():
            self.block(self.root, END_OF_RUN, END_OF_RUN)
        if self.alive > 1:  # daemons: how far they come before the end is a choice
            self.reach(self.root, END_WITH_DAEMONS)

    # -- who goes next

    def choose_next(self, current: Task | None) -> Task:
        """Ask who goes next; `current` is the task that could go on, if it can."""
        number = None if current is None else current.id
        while True:
            runnable = self.runnable
            if self.clock_any and self.clock.next_deadline() is not None and not self.fair:
                runnable = [TIME, *runnable]
            chosen = self._ask(runnable, number)
            if chosen != TIME:
                return self.tasks[chosen]
            self.let_time_pass()

    def _ask(self, runnable: list[int], number: int | None) -> int:
        if self.recorder is not None:
            chosen = self.recorder.choose(runnable, number)
            if chosen is not None:
                return chosen
        if self.fair:
            chosen = progress.next_in_turn(self, runnable, number)
        elif len(runnable) > 1 or self.strategy.every_step:
            try:
                chosen = self.choose(runnable, number, self.pending)
            except Exception as error:  # told by the driver, never to the scenario
                self.finding, self.stopping = ("strategy", self._placed(error)), True
                return 0
            if len(runnable) > 1:
                self.choices.append(chosen)
        else:
            return runnable[0]
        if chosen != usual(runnable, number):
            self.usual = False
        if self.recorder is not None:
            self.recorder.chose(number, chosen, runnable)
        return chosen

    def _next_after(self, task: Task) -> Task:
        """Find who goes on when `task` cannot, letting time pass or ending the run if need be.

        Returns `task` itself where its own deadline fired first, or where nobody can run but a
        task outside may come back (then nobody holds the baton).
        """
        while not self.runnable:
            self.strategy.standstill(self.pending, left=False)
            if self.clock.next_deadline() is not None:
                self.let_time_pass()
            elif self._idle(task):
                return self._sleep_idle(task)
            else:
                self._stop_at_deadlock(task)
                return self.root
        return self.choose_next(None)

    def _placed(self, error: Exception) -> Exception:
        """Say where in the user's code equal choices led to different operations."""
        if isinstance(error, NotDeterministicError) and self.place is not None:
            return NotDeterministicError(self.place())
        return error

    def let_time_pass(self) -> None:
        for number in self.clock.advance():
            task = self.tasks[number]
            task.timed_out = True
            self.enable(task)

    def _idle(self, task: Task) -> bool:
        with self.mutex:
            if self.outside_count and not self.runnable:
                self.current = None
                return True
        return False

    def _sleep_idle(self, task: Task) -> Task:
        if task.state is not ENDED:
            self.await_baton(task)
        return task

    # -- handing over

    def _give(self, other: Task) -> None:
        self.current = other
        other.baton.release()

    def _hand_over(self, task: Task, other: Task) -> None:
        self.current = other
        other.baton.release()
        self.await_baton(task)

    def await_baton(self, task: Task) -> None:
        try:
            task.baton.acquire()
        except BaseException as error:  # a signal handler of the main thread: Ctrl-C, a time-out
            ending.interrupted(self, task, error)
        if self.stopping:
            raise self.unwind(task)

    # -- stopping

    def stop(self, task: Task, finding: tuple[str, Any]) -> None:
        """End the run with a finding; raises `Unwind` in the calling task."""
        if self.finding is None:
            self.finding = finding
        self.stopping = True
        if task is not self.root:
            self.current = self.root
            self.root.baton.release()
            task.baton.acquire()
        raise self.unwind(task)

    def _stop_at_deadlock(self, task: Task) -> None:
        """End the run because nobody can ever go on."""
        self.finding = ("deadlock", None)
        self.snapshot()
        self.stopping = True
        if task is self.root:
            raise self.unwind(task)

    def unwind(self, task: Task) -> BaseException:
        """Return the exception that unwinds a task; parks one that keeps swallowing it."""
        task.swallowed += 1
        if task.swallowed > SWALLOWS and task is not self.root:
            task.parked = True
            self._give(self.root)
            while True:  # for ever: there is no way to end a thread that does not want to
                task.baton.acquire()
        return Unwind()

    def unwind_all(self) -> None:
        """Unwind every task that has not ended, one at a time; called by the root's thread."""
        self.stopping = True
        for task in self.tasks[1:]:
            if task.state is not ENDED and not task.parked:
                ending.unwind(self, task)
        for double in self.adopted:
            double.abandon()
        self.at_end()

    def adopt(self, double: Resource) -> None:
        """Make an object of synchronisation part of this run."""
        self.next_double = number = self.next_double + 1
        double.join_run(self, number)
        self.adopted.append(double)

    def caller(self) -> Task | None:
        """Return the task of the running thread if it belongs to this run."""
        task = here.task
        return task if task is not None and task.run is self else None
