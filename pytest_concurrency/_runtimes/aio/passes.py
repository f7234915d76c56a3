"""One event loop in one run: which of its steps comes next, what comes in from outside, when time passes.

The orders, each one more than the one before (`order`):

- strict: steps and callbacks go in the order in which they became ready, as CPython's loop does it. Chosen is what
  comes in at the start of each pass (timers that are due, descriptors that are ready), and in which order; timers set
  at one instant for one instant keep theirs.
- documented: these come in any order too; `call_later` leaves it undefined.
- any: a step may come later than its place. None overtakes a plain callback, and nothing arrives while one waits.
"""

from __future__ import annotations

import heapq
from bisect import insort
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import Instant, to_ns
from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.choosing import ANY, STRICT
from pytest_concurrency._engine.loops.spinning import ENDLESS, PATIENT, Spinning
from pytest_concurrency._engine.loops.step_effects import are_wanted
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._runtimes.aio import descriptors, noticing, spinning, telling, ties
from pytest_concurrency._runtimes.aio.effects import LoopEffects
from pytest_concurrency._runtimes.aio.steps import BETWEEN, LoopTask, heads_of, task_of
from pytest_concurrency._runtimes.aio.timers import NumberedTimer, comes_after, is_due_at_once, ns, number
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.aio.steps import NumberedTask
    from pytest_concurrency._sight.watching import Watch

RESOLUTION: Final = 0.5e-9  # seconds; deadlines are floats near 1000
RUNNER: Final = "_concurrency_runner"
"""Under this name a loop knows the runner that has made it and will close it."""
LATE: Final = 100
"""After so many passes without a rest whatever has arrived comes in."""


class Passes:
    """An event loop while it takes part in a run.

    Attributes:
        host: The task whose thread runs the loop.
    """

    def __init__(self, loop: Any, run: Run, host: Task, make_pipe: Callable[[Any], None]) -> None:
        self.loop = loop
        self.run = run
        self.host = host
        self._make_pipe = make_pipe
        key = ("loop", run.numbering.fresh())
        self.op_soon = operation("call_soon_threadsafe", ((key, WRITE),))
        self._op_step = operation(
            "step", ((key, WRITE),)
        )  # in a loop each step is taken to touch what the others touch
        self._op_wait = operation("wait in the loop", ((key, READ),))
        self._order = run.choosing.order
        self._effects = LoopEffects(run, key) if self._order == ANY and are_wanted(run) else None
        if self._effects is not None:
            self._op_step = self._effects.op
        self._waiting: Task | None = None
        self._chosen: LoopTask | None = None
        self._named = 0
        self._fired: dict[int, int] = {}
        self._fired_at = -1
        self._spinning = Spinning(spinning.state)
        self._parts: dict[int, LoopTask] = {}
        self._callbacks = self.part("callbacks")

    def part(self, name: str, task: Any = None) -> LoopTask:
        """Let something that the loop runs take part in the run."""
        made = LoopTask(self.run, self, name, task)
        self.run.add_part(made)
        return made

    def knows(self, task: Any, name: str) -> None:
        """Let a task take part that a factory of the user's has made."""
        self._parts[id(task)] = self.part(name, task)

    def next_task(self) -> int:
        """Return the number that a task without a name is called by: they count from one in every run."""
        self._named += 1
        return self._named

    def leaves(self, *, is_stopped: bool) -> None:
        """Make the loop complete again for real time, or close what a run that was stopped has left."""
        loop = self.loop
        runner = loop.__dict__.get(RUNNER, _nobody)()
        if loop.is_closed() or loop.is_running():
            return
        if is_stopped and runner is None:  # who would have closed it was stopped; a runner is a fixture's, which will
            loop._ready.clear()
            loop._scheduled.clear()
            loop.close()
        elif getattr(loop, "_ssock", self) is None:
            self._make_pipe(loop)

    @property
    def is_over(self) -> bool:
        """Whether the loop is closed."""
        return bool(self.loop.is_closed())

    def lets(self, part: LoopTask) -> None:
        """Note which step has been chosen; the thread of the loop is about to go on."""
        self._chosen = part

    def asks(self, task: NumberedTask) -> Any:
        """Return what is to be kept of it that a task is asked to end; None for nothing."""
        return noticing.asked(task)

    def runs_in(self, host: Task) -> None:
        """Note in which thread the loop runs from now on."""
        self.host = host

    def states(self, watch: Watch) -> list[TaskState]:
        """Return how the tasks of the loop stand while it waits."""
        parts = [each for each in self.run.tasks if isinstance(each, LoopTask) and each.passes is self]
        return telling.states([(each.name, each.task) for each in parts], watch)

    def wake(self) -> None:
        """Let the loop look again, if it waits: called from any thread."""
        waiting = self._waiting
        if waiting is not None:
            self.run.enable(waiting)

    # -- passes

    def once(self, host: Task) -> None:
        """Do what `BaseEventLoop._run_once` does; with `order="any"` a single step of it."""
        run, ready = self.run, self.loop._ready
        self.host = host
        if run.stopping:
            raise run.unwind(host)
        if self._order == ANY:
            self._step_of_any()
            return
        self._admit()
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                self._do(handle, (self._part_of(handle),) if run.slowly or len(run.runnable) > 1 else ())

    def _do(self, handle: Any, able: tuple[LoopTask, ...]) -> None:
        """Run a step, when it is its turn."""
        run, host = self.run, self.host
        if able:
            self.loop._ready.appendleft(handle)  # if the run ends here: who ends the loop in real time waits for it
            self._offer(able, able[0])
            self.loop._ready.popleft()
            if run.recorder is not None:
                self._record(able[0], handle)
        if run.listener is None:
            handle._run()
        else:
            self._run_heard(handle)
        if run.stopping:  # tasks and handles swallow what unwinds them
            raise run.unwind(host)
        if run.recorder is not None:
            run.recorder.acts_for(host, host)

    def _run_heard(self, handle: Any) -> None:
        """Run a step, and tell those who listen."""
        run, host = self.run, self.host
        part, task = self._part_of(handle), task_of(handle)
        run.listener.stepping(host, part)
        handle._run()
        if not run.stopping:
            noticing.stepped(run, task)
            run.listener.stepped(host, part, ended=task is None or task.done())

    def _offer(self, able: tuple[LoopTask, ...] | list[LoopTask], usual: LoopTask) -> Any:
        """Let one of these steps be chosen, or whoever else can go on before; return the step."""
        run, host = self.run, self.host
        if run.current is not host:
            run.outside.come_back(host)
        if run.stopping:
            raise run.unwind(host)
        if len(able) == 1 and not run.slowly and len(run.runnable) < 2:
            return able[0]
        for each in able:
            run.pending[each.id] = self._op_step
            insort(run.runnable, each.id)
        run.pending[host.id] = BETWEEN
        run.disable(host)
        chosen = run.pass_between(host, usual, self._op_step)
        if chosen.body is not host:
            assert self._chosen is not None
            chosen = self._chosen
        for each in able:
            run.disable(each)
            run.pending.pop(each.id, None)
        run.enable(host)
        if self._spinning.again < PATIENT:
            run.progressed()
        return chosen

    def _part_of(self, handle: Any) -> LoopTask:
        """Return who it is in the run that a handle lets go on."""
        task = task_of(handle)
        if task is None:
            return self._callbacks
        part = getattr(task, "part", None)
        if part is None:  # made around `create_task`
            part = self._parts.get(id(task))
            if part is None or part.task is not task:
                part = self._parts[id(task)] = self.part(task.get_name(), task)
        return part

    def _record(self, part: LoopTask, handle: Any) -> None:
        recorder: Any = self.run.recorder
        frame = part.stands_at()
        if frame is not None:
            begins = frame.f_lasti <= 0 or frame.f_lineno == frame.f_code.co_firstlineno
            recorder.goes_on(part, stacks.frame_place(frame), "begins" if begins else "goes on")
        else:
            code = getattr(handle._callback, "__code__", None)
            if code is not None and self.run.watch.is_watched(code.co_filename):
                place = stacks.place_of(code, code.co_firstlineno)
                recorder.goes_on(part, place, f"callback {stacks.short_name(code)}")
        recorder.acts_for(self.host, part)

    # -- what comes in

    def _due(self) -> list[Any]:
        """Return the timers whose time has come, the first made first."""
        scheduled, now = self.loop._scheduled, self.run.clock.now_ns
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        limit = Instant(now) + RESOLUTION
        if not scheduled or scheduled[0]._when > limit:
            return []
        first = ns(scheduled[0]._when)
        due = [each for each in scheduled if ns(each._when) == first and not each._cancelled]
        due.sort(key=number)
        if self._order == STRICT:
            due = [each for each in due if not any(comes_after(each, other) for other in due)]
        return due

    def times(self, timer: NumberedTimer, number: int) -> None:
        """Note a timer that is being set."""
        now = self.run.clock.now_ns
        timer.is_set(number, now, self._fired if self._fired_at == now else {})

    def _arrivals(self) -> list[Any]:
        found = self._due() if self.loop._scheduled else []
        if descriptors.are_watched(self.loop):
            found += descriptors.ready(self.loop)
        return found

    def _admit(self) -> None:
        """Let in what comes from outside; which, in which order, and whether now is chosen."""
        loop, run = self.loop, self.run
        ready = loop._ready
        self._begins()
        while True:
            arrivals = self._arrivals()
            if not arrivals:
                if not ready and not loop._stopping:
                    self._pause()
                    continue
                return
            goes = bool(ready) and self._spinning.passes < LATE and not any(map(is_due_at_once, arrivals))
            chosen = run.pick(self.host, len(arrivals) + goes) - goes
            if chosen < 0:
                return
            ready.append(self._let_in(arrivals, chosen))

    def _let_in(self, arrivals: list[Any], chosen: int) -> Any:
        """Let one of those in that have arrived; return it."""
        handle = arrivals[chosen]
        if self.run.recorder is not None and self._order != STRICT:
            self.run.record.broke(ties.broken(arrivals, chosen))
        self._spinning.rests()
        if isinstance(handle, NumberedTimer):
            self._fires(handle)
        if getattr(handle, "_scheduled", False):
            self.loop._scheduled.remove(handle)
            heapq.heapify(self.loop._scheduled)
            handle._scheduled = False
        return handle

    def _fires(self, timer: NumberedTimer) -> None:
        """Note that what is done from now on, at this time, is done after a timer has come."""
        now = self.run.clock.now_ns
        if self._fired_at != now:
            self._fired_at, self._fired = now, {}
        for at, last in timer.after.items():
            self._fired[at] = max(last, self._fired.get(at, -1))

    def _begins(self) -> None:
        """Begin a pass."""
        run, mine = self.run, self._spinning
        mine.goes_on(self.loop._ready)
        if run.listener is not None:
            run.listener.does(self.host, self._op_wait)  # what other threads have sent is known from here on
        if mine.again >= PATIENT and not self._time_passes() and mine.again >= ENDLESS:
            run.stop(self.host, Finding("no progress", mine.passes))

    def _time_passes(self) -> bool:
        """Let time pass to the next deadline although steps are ready, as they only wait for it; False without one."""
        run, clock, scheduled = self.run, self.run.clock, self.loop._scheduled
        self._due()  # takes away what was cancelled
        mine = ns(scheduled[0]._when) if scheduled else None
        deadline = clock.next_deadline()
        if deadline is not None and (mine is None or deadline <= mine):
            run.let_time_pass()
        elif mine is not None:
            clock.flow(mine - clock.now_ns)
        else:
            return len(run.runnable) > 1 or bool(run.outside.count) or descriptors.are_watched(self.loop)
        self._spinning.rests()
        return True

    def _pause(self) -> None:
        """Wait until a deadline, a descriptor or another thread gives the loop something to do."""
        run, loop = self.run, self.loop
        self._spinning.rests()
        self._due()  # takes away what was cancelled
        if descriptors.are_watched(loop) and self._looks_outside():
            return
        self._rest(max(0, ns(loop._scheduled[0]._when) - run.clock.now_ns) if loop._scheduled else None)

    def _rest(self, timeout_ns: int | None) -> None:
        self._waiting = self.host
        try:
            self.host.wait(self._op_wait, self, timeout_ns)
        finally:
            self._waiting = None

    def _looks_outside(self) -> bool:
        """Give others a chance to make a descriptor ready; False where only time can still help."""
        run, host = self.run, self.host
        if len(run.runnable) > 1:
            if self._spinning.looks_on():
                run.reach(host, self._op_wait)
            else:  # who asks for ever lets nobody go on; what could come in before they wait is left out
                run.shared.note_opaque()
                self._rest(0)
            return True
        if run.outside.count or descriptors.may_come_from_outside(self.loop):
            timers = self.loop._scheduled
            seconds = max(0.0, (ns(timers[0]._when) - run.clock.now_ns) / 1e9) if timers else None
            with run.outside.stepping(host, stacks.frame_place(stacks.user_frame(host.frame(), run.watch))):
                found = descriptors.wait(self.loop, seconds)
            if not found and seconds is not None:
                run.clock.flow(to_ns(seconds))
            return True
        return False

    # -- any order

    def _step_of_any(self) -> None:
        loop, run = self.loop, self.run
        ready = loop._ready
        self._begins()
        while True:
            heads, callback = heads_of(ready, self._part_of, self._callbacks)
            arrivals = [] if callback is not None else self._arrivals()
            if heads or callback is not None or arrivals:
                break
            if loop._stopping:
                ready.clear()
                return
            self._pause()
        able = list(heads)
        if callback is not None or arrivals:
            able.append(self._callbacks)
        if self._spinning.passes >= LATE:
            able = able[-1:] if arrivals else able[:1]
        chosen = self._offer(able, able[0])
        handle = heads.get(chosen)
        if handle is None and callback is None:
            handle = self._let_in(arrivals, run.pick(self.host, len(arrivals)))
        else:
            handle = handle or callback
            ready.remove(handle)
        if run.recorder is not None:
            self._record(chosen, handle)
        effects = self._effects if run.single else None
        if effects is not None:
            effects.calls(chosen, handle, self._callbacks)
        if not handle._cancelled:
            self._do(handle, ())
        if effects is not None:
            effects.tells(self.host)


def _nobody() -> None:
    """Stand in for the reference to a runner, where there is none."""
