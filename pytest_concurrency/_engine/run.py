"""One controlled run: one task at a time, and the turn between them."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_concurrency._core.clock import VirtualClock
from pytest_concurrency._core.operations import BEGIN, TIME, TIME_PASSES, Operation
from pytest_concurrency._engine import ending, naming
from pytest_concurrency._engine.choosing import DOCUMENTED, EXACT, Choosing, placed
from pytest_concurrency._engine.numbering import Numbering
from pytest_concurrency._engine.outside import Outside
from pytest_concurrency._engine.progress import CHECK_EVERY, Progress
from pytest_concurrency._engine.readings import Readings
from pytest_concurrency._engine.record import Finding, Record
from pytest_concurrency._engine.resource import ask_again
from pytest_concurrency._engine.shared import Shared
from pytest_concurrency._engine.task import END_OF_RUN, ENDED, RUNNING, Task, Unwind
from pytest_concurrency._engine.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._engine.contracts import Events, Guide
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._sight.watching import Watch

END: Final[Operation] = ("end", ())
END_WITH_DAEMONS: Final[Operation] = (END_OF_RUN[0], None)


class Run(Turns):
    """Runs one schedule of a scenario.

    All state belongs to the task that has the turn; only `outside` (a task that comes back, the
    watchdog) touches it from elsewhere.

    Args:
        strategy: Decides who goes next.
        watch: Whose code is the user's.
        events: Hears the instructions of watched code.
        offered: Sites of watched code where switches are offered in this run.
        time: When time may pass; see `choosing`.
        order: In which order event loops take what is ready; see there too.
        recorder: Records the run in detail; None on the fast path.
        guide: Decides before the strategy; needs a recorder.
        max_steps: The run is cut after so many yield points.
        deadline: When it is cut, on the real clock.
        wall_start_ns: What `time.time_ns` answers when the run begins.

    Attributes:
        tasks: Everybody, by number.
        runnable: Numbers of those who can go on, in ascending order.
        pending: The next operation of every task that has not ended.
        resources: What takes part, by number.
        single: Whether no second thread has taken part yet.
        slowly: Whether every step is told or asked about, so that there is no fast path.
        listener: Told every watched access; None while nobody listens.
    """

    listener: Any = None

    def __init__(
        self,
        strategy: Strategy,
        *,
        watch: Watch,
        events: Events,
        offered: set[int],
        root: Callable[[Run], Task],
        time: str = EXACT,
        order: str = DOCUMENTED,
        recorder: Recorder | None = None,
        guide: Guide | None = None,
        max_steps: int = 1_000_000,
        deadline: float = float("inf"),
        wall_start_ns: int = 0,
    ) -> None:
        self.watch = watch
        self.events = events
        self.clock = VirtualClock(wall_start_ns=wall_start_ns)
        self.record = Record()
        self.recorder = recorder
        self.guide = guide
        self.shared = Shared(offered)
        self.numbering = Numbering()
        self.serial = self.numbering.serial
        self.progress = Progress(max_steps, deadline)
        self.choosing = Choosing(strategy, time, guide, recorder, self.record, self.progress, order)
        self.choose, self.choices = self.choosing.choose, self.record.choices
        self.outside, self.readings = Outside(self), Readings(self)
        self.tasks: list[Task] = []
        self.runnable: list[int] = []
        self.pending: dict[int, Operation] = {TIME: TIME_PASSES}
        self.resources: list[Resource] = []
        self.checkpoint = CHECK_EVERY
        self.slowly = self._always = strategy.every_step or time != EXACT or recorder is not None
        self.alive, self.single, self.stopping = 0, True, False
        self._progress_at = 0
        self.current = self.root = root(self)

    # -- tasks

    def add(self, task: Task) -> None:
        """Let a new task take part: it is runnable and has not begun."""
        self.tasks.append(task)
        self.pending[task.id] = BEGIN
        self.runnable.append(task.id)
        self.alive += 1
        self.single = self.alive < 2
        self.shared.is_joined(alone=self.single)

    def add_part(self, task: Task) -> None:
        """Let a task take part that lives in another's thread: it can be chosen only where its loop offers it."""
        self.tasks.append(task)

    def begins_with(self, task: Task, op: Operation) -> None:
        """Say what a new task's first step does."""
        self.pending[task.id] = op

    # -- yield points

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch before `op`; return when `task` is to do it."""
        if self.current is not task:
            self.outside.come_back(task)
        if self.stopping:
            return
        self.pending[task.id] = op
        self.steps = steps = self.steps + 1
        if steps >= self.checkpoint:
            self._look_around(task)
        if task.quiet:
            return
        if self.slowly:
            self._reach_slowly(task, op)
        elif len(self.runnable) > 1:
            try:
                chosen = self.choose(self.runnable, task.id, self.pending)
            except Exception as error:  # told by the driver, never to the scenario
                self.stop(task, Finding("strategy", placed(error, self.watch)))
            self.choices.append(chosen)
            if chosen != task.id:
                self.record.switched()
                self._hand_over(task, self.tasks[chosen])

    def _reach_slowly(self, task: Task, op: Operation) -> None:
        self.arrive(task, op)
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
            self.outside.come_back(task)
        if self.stopping:
            raise self.unwind(task)
        self.pending[task.id] = op
        self.steps += 1
        task.waits(target)
        self.runnable.remove(task.id)
        self.arrive(task, op)
        other = self._next_after(task)
        if other is not task:
            self._hand_over(task, other)
        elif self.stopping:
            raise self.unwind(task)
        task.waits(None)
        if self.steps >= self.checkpoint:  # who only sleeps never comes to `reach`
            self._look_around(task)
        if self.recorder is not None:
            self.recorder.does(task, op)

    def pass_between(self, host: Task, usual: Task, op: Operation) -> Task:
        """Ask who goes next while a thread stands between two steps of its event loop.

        The steps that its loop offers are among the runnable ones, the thread itself is not.

        Returns:
            Whoever was chosen; if that is somebody in another thread, they have had their turn.
        """
        self.steps += 1
        if self.steps >= self.checkpoint:
            self._look_around(host)
        self.arrive(usual, op)
        other = self.choose_next(usual)
        if other.body is not host:
            self._hand_over(host, other)
        elif self.stopping:
            raise self.unwind(host)
        return other

    def arrive(self, task: Task, op: Operation) -> None:
        """Tell whoever records or guides that a task has come to a point where it could be left."""
        if self.recorder is not None:
            where, place = self.recorder.arrive(task, op)
            if self.guide is not None:
                self.guide.arrive(task, op, where, place)

    def enable(self, task: Task) -> None:
        """Put a blocked task back among the runnable ones."""
        if task.id not in self.runnable and not task.outside and task.state is RUNNING:
            insort(self.runnable, task.id)

    def disable(self, task: Task) -> None:
        """Take back `enable`: somebody else was faster."""
        if task.id in self.runnable:
            self.runnable.remove(task.id)
            task.comes_late()

    def pick(self, task: Task, options: int) -> int:
        """Choose one of several equal waiters."""
        if options < 2 or task.quiet or self.stopping:
            return 0
        try:
            return self.choosing.pick(task, options)
        except Exception as error:  # told by the driver, never to the scenario
            self.stop(task, Finding("strategy", placed(error, self.watch)))

    def progressed(self) -> None:
        """Note that something has changed that others can see."""
        self._progress_at = self.steps

    @property
    def progress_at(self) -> int:
        """The step at which something has changed last that others can see."""
        return max(self._progress_at, self.shared.written_at)

    def end(self, task: Task) -> None:
        """End a task: the last act of its thread that touches the run."""
        if self.current is not task and not self.outside.may_end(task):
            return
        self.steps += 1  # now nobody takes the turn away
        task.has_ended()
        self.alive -= 1
        self.progressed()
        self.pending.pop(task.id, None)
        self.disable(task)
        for waiter in task.joiners:
            self.enable(waiter)
        if self.stopping:
            self.outside.hand_to_root(task)
            return
        if self.root.waits_for is END_OF_RUN and not self.unfinished():
            self.enable(self.root)
        self.arrive(task, END)
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
        choosing = self.choosing
        while True:
            runnable = self.runnable
            if not self.outside.count and choosing.time_may_pass(self.clock, self.tasks):
                runnable = [TIME, *runnable]
            try:
                chosen = choosing.ask(runnable, number, self.pending)
            except Exception as error:  # told by the driver, never to the scenario
                self.halt(Finding("strategy", placed(error, self.watch)))
                return self.root
            if chosen != TIME:
                return self.tasks[chosen]
            self.let_time_pass()

    def _next_after(self, task: Task) -> Task:
        """Find who goes on when `task` cannot: itself, when its time has come or nobody has the turn; time may pass."""
        while not self.runnable and not ask_again(self):
            self.choosing.strategy.standstill(self.pending, left=False)
            if self.outside.is_all_that_is_left():
                if task.state is not ENDED:
                    self.await_turn(task)
                return task
            if not self.runnable:  # else somebody has come back from outside just now
                if self.clock.next_deadline() is None:
                    self._stop_at_deadlock(task)
                    return self.root
                self.let_time_pass()
        return self.choose_next(None)

    def let_time_pass(self) -> None:
        """Move time to the next deadline."""
        for number in self.clock.advance():
            task = self.tasks[number]
            task.time_is_up()
            self.enable(task)

    def _look_around(self, task: Task) -> None:
        """Look at the larger picture now and then: interrupts, budgets, progress."""
        self.checkpoint = self.steps + CHECK_EVERY
        finding = self.progress.look_around(self)
        self.slowly = self._always or self.progress.fair
        if finding is not None:
            self.stop(task, finding)

    # -- handing over

    def await_turn(self, task: Task) -> None:
        """Wait until a task has the turn."""
        own = None
        try:
            task.wait_for_turn()
        except BaseException as error:  # a signal handler of the main thread: Ctrl-C, a time-out
            own = ending.interrupted(self, task, error)
        if self.stopping:
            raise self.unwind(task)
        if own is not None:
            raise own

    # -- stopping

    def interrupted(self, error: BaseException) -> None:
        """Note what a signal's handler raised; the running task stops at its next yield point."""
        self.record.interrupted(error)
        self.checkpoint = 0

    def halt(self, finding: Finding | None) -> None:
        """Let nobody offer a switch any more."""
        if finding is not None:
            self.record.ends_with(finding)
        self.stopping = True
        for resource in self.resources:
            resource.is_halted()

    def stop(self, task: Task, finding: Finding) -> NoReturn:
        """End the run with a finding; raises `Unwind` in the calling task."""
        self.halt(finding)
        if task is not self.root:
            self.outside.hand_to_root(task)
            task.wait_for_turn()
        raise self.unwind(task)

    def _stop_at_deadlock(self, task: Task) -> None:
        """End the run because nobody can ever go on."""
        self.record.stands(naming.task_states(self.tasks, self.watch))
        self.halt(Finding("deadlock"))
        if task is self.root:
            raise self.unwind(task)

    def unwind(self, task: Task) -> BaseException:
        """Return the exception that unwinds a task; parks one that keeps swallowing it."""
        if task.swallows_too_much() and task is not self.root:
            self.outside.gives_up(task)
            while True:  # for ever: there is no way to end a thread that does not want to
                task.wait_for_turn()
        return Unwind()

    def unwind_all(self) -> None:
        """Unwind every task that has not ended; called by the root's thread."""
        ending.regain(self)
        ending.unwind_all(self)
        for resource in self.resources:
            resource.abandon()

    def close(self) -> Record:
        """Return the record of a run that is over."""
        left = tuple(task.name for task in self.tasks if task.parked and task.state is not ENDED)
        return self.record.closed(self.steps, left, self.shared)

    def retire(self) -> None:
        """Untie what a run consisted of that is over, so that the collector need not look for it."""
        for task in self.tasks:
            task.retires()
        self.current = None
        del self.tasks[:], self.resources[:], self.root, self.outside, self.readings

    # -- what takes part

    def adopt(self, resource: Resource) -> None:
        """Make an object of synchronisation part of this run."""
        resource.join_run(self, self.numbering.next_resource())
        self.resources.append(resource)

    def resource_of(self, op: Operation) -> Resource:
        """Return what an operation on an object of synchronisation is about."""
        accesses: Any = op[1]
        return self.resources[int(accesses[0][0][1]) - 1]
