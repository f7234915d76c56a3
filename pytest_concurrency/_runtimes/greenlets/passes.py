"""A hub's loop in one run: which greenlet goes on next, what comes in from outside, when time passes.

The orders, each one more than the one before (`order`):

- strict: callbacks go in the order in which they became ready, as long as there are any; then come the timers that are
  due, in the order in which they were started, and the descriptors that are ready. So do gevent's three loops of C.
- documented: timers that are due at one time come in any order.
- any: a greenlet may go on later than its place, and what has arrived may come before it.
"""

from __future__ import annotations

import itertools
from bisect import insort
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.choosing import ANY, STRICT
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.loops.spinning import ENDLESS, PATIENT, Spinning
from pytest_concurrency._engine.loops.step_effects import are_wanted
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._runtimes.greenlets import descriptors, lanes, noticing, ties
from pytest_concurrency._runtimes.greenlets.crew import Crew
from pytest_concurrency._runtimes.greenlets.effects import HubEffects
from pytest_concurrency._runtimes.greenlets.steps import BETWEEN, state
from pytest_concurrency._runtimes.greenlets.watchers import FromOutside, Idle, Io, OfSignal, Timer, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.greenlets.watchers import Callback
    from pytest_concurrency._sight.watching import Watch

    Fire = Callable[[Any], None]

LATE: Final = 100
"""After so many rounds of callbacks without a rest whatever has arrived comes in."""


class Passes:
    """A loop while it takes part in a run.

    Args:
        run: The run.
        host: The task whose thread has made the loop.

    Attributes:
        host: The task whose thread runs the loop.
        ready: Callbacks, in the order in which they became ready.
        watchers: Those that are started, in that order.
        crew: Its greenlets.
    """

    def __init__(self, run: Run, host: Task) -> None:
        self.run = run
        self.host = host
        self.crew = Crew(run, self)
        self.ready: deque[Any] = deque()
        self.watchers: dict[Watcher, None] = {}
        key, self._order = ("loop", run.numbering.fresh()), run.choosing.order
        self._op_step = operation("step", ((key, WRITE),))  # a step is taken to touch what the others touch
        self._op_wait = operation("wait in the loop", ((key, READ),))
        self._op_send = operation("call_soon_threadsafe", ((key, WRITE),))
        self._effects = HubEffects(run, key, self.crew) if self._order == ANY and are_wanted(run) else None
        if self._effects is not None:
            self._op_step = self._effects.op
        self._numbers = itertools.count(1)
        self._waiting: Task | None = None
        self._chosen: Task | None = None
        self._is_broken_off = False
        self._is_over = False
        self._spinning = Spinning(state)
        self._round = 0  # so many callbacks are left of this round

    # -- what gevent starts

    @property
    def now_ns(self) -> int:
        """The time of the run."""
        return self.run.clock.now_ns

    def calls(self, made: Callback) -> None:
        """Put a callback in line."""
        run = self.run
        if self._is_over:
            if run.stopping:
                raise run.unwind(self.host)  # there is no loop any more that could call it
            return
        parts = len(run.tasks)
        self.ready.append(made)
        self.crew.is_started(made)
        if run.shared.step is not None:
            run.shared.step.puts_in_line(made, parts)

    def is_sent(self, made: Callback) -> None:
        """Put a callback in line that another thread sends."""
        task = here.task
        if task is not None and task is not self.host and not self.run.stopping:
            self.run.reach(task, self._op_send)
        self.ready.append(made)
        self.moves()

    def starts(self, watcher: Watcher) -> int:
        """Keep a watcher."""
        if self._is_over and self.run.stopping:
            raise self.run.unwind(self.host)
        self.watchers[watcher] = None
        self._changes()
        if isinstance(watcher, Timer):
            self.crew.is_started(watcher)
            noticing.timer_started(self.run, watcher)
        return next(self._numbers)

    def stops(self, watcher: Watcher) -> None:
        """Forget a watcher."""
        self._changes()
        self.watchers.pop(watcher, None)

    def _changes(self) -> None:
        """Note that what can come in is another from now on."""
        if self.run.shared.step is not None:
            self.run.shared.step.touches_line()

    def moves(self) -> None:
        """Let the loop look again, if it waits: called from any thread."""
        self._changes()
        waiting = self._waiting
        if waiting is None:
            return
        if here.task is None:
            self.run.outside.poke([waiting])
        else:
            self.run.enable(waiting)

    def breaks_off(self) -> None:
        """Leave the loop after the present callback."""
        self._is_broken_off = True

    def kept(self) -> int:
        """Return how much keeps the loop going."""
        return len(self.ready) + sum(each.ref for each in self.watchers)

    def is_watched(self, fd: int) -> bool:
        """Tell whether somebody waits for a descriptor."""
        return any(isinstance(each, Io) and each.fd == fd for each in self.watchers)

    # -- of the run

    def lets(self, part: Task) -> None:
        """Note who has been chosen; the thread of the loop is about to go on."""
        self._chosen = part

    def states(self, watch: Watch) -> list[TaskState]:
        """Return how those stand that wait in the loop."""
        return self.crew.states(watch)

    def unwinds(self) -> None:
        """End the greenlets that are left: the run is over."""
        self.ready.clear()
        self.crew.unwind()
        self._is_over = True

    def forget(self) -> None:
        """Forget everything that is started."""
        self._is_over = True
        self.ready.clear()
        for each in [each for each in self.watchers if isinstance(each, OfSignal)]:
            each.rests()
        self.watchers.clear()

    # -- passes

    def once(self, host: Task, fire: Fire) -> bool:
        """Call what is next; False if the loop is to be left."""
        self.host = host
        if self.run.stopping:
            raise self.run.unwind(host)
        if self._is_broken_off:
            self._is_broken_off = False
            return False
        self.crew.sees()
        lanes.follows(self.run, self.crew)
        return self._step_of_any(fire) if self._order == ANY else self._step(fire)

    def _step(self, fire: Fire) -> bool:
        ready = self.ready
        while ready and not ready[0].pending:
            ready.popleft()
        if ready and self._spinning.passes < LATE:
            self._counts()
            if ready:
                self._do(ready.popleft(), fire)
            return True
        arrivals = self._arrivals()
        if arrivals:
            self._admit(arrivals, fire)
        elif ready:
            self._counts()
            self._do(ready.popleft(), fire)
        else:
            return self._pause()
        return True

    def _admit(self, arrivals: list[Watcher], fire: Fire) -> None:
        """Let in what has arrived; which and in which order is chosen, and whether the rest comes a pass later."""
        chosen: list[Watcher] = []
        while arrivals:
            number = self.run.pick(self.host, len(arrivals) + bool(chosen))
            if number == len(arrivals):
                break
            chosen.append(self._let_in(arrivals, number))
            arrivals = self._only_possible([each for each in arrivals if each is not chosen[-1]])
        for each in chosen:
            if each.active:  # else one before it has stopped it
                self._do(each, fire)

    def _do(self, thing: Any, fire: Fire) -> None:
        """Call something, when it is its turn."""
        run = self.run
        if run.slowly or len(run.runnable) > 1:
            part = self.crew.who(thing)
            self._offer((part,), part)
        self._call(thing, fire)

    def _call(self, thing: Any, fire: Fire) -> None:
        run, host = self.run, self.host
        if run.recorder is not None:
            lanes.calls(run, host, thing)
        if run.listener is None:
            fire(thing)
        else:
            part = self.crew.who(thing)
            run.listener.stepping(host, part)
            fire(thing)
            if not run.stopping:
                run.listener.stepped(host, part, ended=self.crew.has_ended(part))
        if run.stopping:  # greenlets swallow what unwinds them
            raise run.unwind(host)
        if run.recorder is not None:
            run.recorder.acts_for(host, host)

    def _offer(self, able: tuple[Task, ...] | list[Task], usual: Task) -> Task:
        """Let one of these go on, or whoever else can go on before; return the one."""
        run, host = self.run, self.host
        if run.current is not host:
            run.outside.come_back(host)
        if run.stopping:
            raise run.unwind(host)
        if len(able) == 1 and not run.slowly and len(run.runnable) < 2:
            return able[0]
        run.pending[host.id] = BETWEEN
        run.disable(host)
        for each in able:
            run.pending[each.id] = self._op_step
            insort(run.runnable, each.id)
        self._chosen = None
        chosen = run.pass_between(host, usual, self._op_step)
        if chosen.body is not host:
            chosen = self._chosen or host
        for each in able:
            run.disable(each)
            if each is not host:
                run.pending.pop(each.id, None)
        run.pending[host.id] = BETWEEN
        run.enable(host)
        if self._spinning.again < PATIENT:
            run.progressed()
        return chosen

    # -- what comes in

    def _arrivals(self) -> list[Watcher]:
        """Return what has come and is not told yet, the usual one first."""
        if not self.watchers:
            return []
        now = self.run.clock.now_ns
        timers = [each for each in self.watchers if isinstance(each, Timer) and each.at <= now]
        first = min((each.at for each in timers), default=0)
        found: list[Any] = [each for each in timers if each.at == first]
        found.sort(key=lambda each: (-each.priority, each.number))
        found += [each for each in self.watchers if isinstance(each, FromOutside) and each.has_come()]
        found += descriptors.ready([each for each in self.watchers if isinstance(each, Io)])
        if not found and not self.ready:
            found = [each for each in self.watchers if isinstance(each, Idle)]
        return self._only_possible(found)

    def _only_possible(self, arrivals: list[Watcher]) -> list[Watcher]:
        """Keep of timers that are due the first, where they keep their order."""
        if self._order != STRICT:
            return arrivals
        timers = [each for each in arrivals if isinstance(each, Timer)]
        return [each for each in arrivals if each not in timers[1:]]

    def _let_in(self, arrivals: Sequence[Any], number: int) -> Any:
        """Let one of those in that have arrived, or are callbacks of nobody's; return it."""
        if self.run.recorder is not None and self._order != STRICT:
            self.run.record.broke(ties.broken(arrivals, number, self.crew))
        if isinstance(arrivals[number], Watcher):
            self._spinning.rests()
        return arrivals[number]

    def _counts(self) -> None:
        """Count a callback; after a round of them look whether they ever rest."""
        if self._round > 0:
            self._round -= 1
            return
        self._round = len(self.ready) - 1
        mine = self._spinning
        mine.goes_on(self.ready)
        if self.run.listener is not None:
            self.run.listener.does(self.host, self._op_wait)  # what other threads have sent is known from here on
        if mine.again >= PATIENT and not self._time_passes() and mine.again >= ENDLESS:
            self.run.stop(self.host, Finding("no progress", mine.passes))

    def _time_passes(self) -> bool:
        """Let time pass to the next deadline although somebody is ready who only waits for it; False without one."""
        run, clock = self.run, self.run.clock
        mine, deadline = self._next_timer(), clock.next_deadline()
        if deadline is not None and (mine is None or deadline <= mine):
            run.let_time_pass()
        elif mine is not None:
            clock.flow(mine - clock.now_ns)
        else:
            return len(run.runnable) > 1 or bool(run.outside.count) or self._hears_outside()
        self._spinning.rests()
        return True

    def _next_timer(self) -> int | None:
        """Return when the next timer is due, in nanoseconds."""
        return min((each.at for each in self.watchers if isinstance(each, Timer)), default=None)

    def _hears_outside(self) -> bool:
        return any(isinstance(each, (Io, FromOutside)) for each in self.watchers)

    def _pause(self) -> bool:
        """Wait until something gives the loop something to do; False if nothing is left that could."""
        run = self.run
        self._spinning.rests()
        if not any(each.ref for each in self.watchers):
            self.crew.stands(run.watch)
            return False
        if self._hears_outside() and self._looks_outside():
            return True
        at = self._next_timer()
        self._rest(None if at is None else max(0, at - run.clock.now_ns))
        return True

    def _rest(self, timeout_ns: int | None) -> None:
        self._waiting = self.host
        try:
            self.host.wait(self._op_wait, self, timeout_ns)
        finally:
            self._waiting = None

    def _looks_outside(self) -> bool:
        """Give others a chance to let something come; False where only time can still help."""
        run, host = self.run, self.host
        if len(run.runnable) > 1:
            if self._spinning.looks_on():
                run.reach(host, self._op_wait)
            else:  # who asks for ever lets nobody go on; what could come in before they wait is left out
                run.shared.note_opaque()
                self._rest(0)
            return True
        if not (run.outside.count or descriptors.may_come_from_outside(self.watchers)):
            return False
        at = self._next_timer()
        with run.outside.stepping(host, self.crew.waits_at(self.watchers)):
            found = descriptors.wait(self.watchers)
        if not found and at is not None:
            run.clock.flow(max(0, at - run.clock.now_ns))
        return True

    # -- any order

    def _step_of_any(self, fire: Fire) -> bool:
        self._counts()
        heads, callback = self.crew.heads(self.ready)
        arrivals = self._arrivals()
        others = [*([] if callback is None else [callback]), *arrivals]
        if not (heads or others):
            return self._pause()
        able: list[Task] = [*heads, self.crew.callbacks] if others else list(heads)
        usual = able[0] if callback is None else self.crew.who(self.ready[0])
        if self._spinning.passes >= LATE:
            able, others = [self.crew.callbacks if arrivals else usual], list(arrivals) or others
            usual = able[0]
        chosen = self._offer(able, usual)
        thing = heads[chosen] if chosen in heads else self._let_in(others, self.run.pick(self.host, len(others)))
        if thing not in arrivals:
            self.ready.remove(thing)
        effects = self._effects if self.run.single else None
        self._call(thing, fire if effects is None else effects.around(chosen, self.host, fire))
        return True
