"""Everything that surrounds controlled runs: patches, events, watchdog, one CPU, quiet gc."""

from __future__ import annotations

import contextlib
import gc
import random
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._core.clock import NS
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.choosing import EXACT
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.record import Finding, Record
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._engine.touching import at_site
from pytest_concurrency._machine import private, real
from pytest_concurrency._machine.cpu import HAS_SCHEDSTAT, one_cpu
from pytest_concurrency._machine.garbage import quiet_gc
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._machine.surroundings import Surroundings
from pytest_concurrency._machine.watchdog import TICK_SECONDS, Watchdog
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.events import Instructions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._engine.contracts import Guide, StagedKind
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

OUTSIDE_TICKS: Final = 2 if HAS_SCHEDSTAT else 100
GARBAGE: Final = 5_000
_DEBUGGERS: Final = ("pdb.py", "bdb.py", "pydevd.py", "pydevd_frame.py")


class Stage:
    """Makes controlled runs possible while it is entered; all of it is undone at the exit.

    Args:
        watch: Whose code is the user's.
        kinds: What takes part; the first one runs the scenario.
        time: When time may pass; see `choosing`.
        patience: Seconds that a task may compute without a yield point.
        observe: Whether accesses of watched code offer switches.
    """

    def __init__(
        self,
        watch: Watch,
        kinds: tuple[StagedKind, ...],
        *,
        time: str = EXACT,
        patience: float = 30.0,
        observe: bool = True,
    ) -> None:
        self.watch = watch
        self.patches = Patches()
        self.exit = contextlib.ExitStack()
        self._kinds = kinds
        self._observe = observe
        self._time = time
        self._patience_ticks = max(1, round(patience / TICK_SECONDS))
        self._events = Instructions(watch, at_site)
        self._watchdog = Watchdog(self._look)
        self._run: Run | None = None
        self._last: tuple[Any, ...] = ()
        self._still = 0
        self._stuck = 0
        self._wall_start_ns = real.wall_ns() // NS * NS - 1000 * NS
        self._collected = 0
        self._around: Surroundings | None = None  # as the first run found them: fixtures may be torn down before it

    def __enter__(self) -> Self:
        private.require()
        with contextlib.ExitStack() as stack:
            undo = stack.enter_context(contextlib.ExitStack())
            stack.callback(self.patches.undo)
            for kind in self._kinds:
                undo.enter_context(kind.enter(self.patches, self.watch))
            stack.enter_context(one_cpu(self.patches))
            stack.enter_context(quiet_gc())
            stack.enter_context(_own_random())
            stack.callback(self._events.stop)
            if self._observe:
                self._events.start()
            self._watchdog.start()
            stack.callback(self._watchdog.stop)
            self.exit = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self.exit.close()

    @property
    def saw_watched(self) -> bool:
        """Whether any watched code ran since the stage was entered."""
        return self._events.saw_watched

    def run(
        self,
        scenario: Callable[[], Any],
        strategy: Strategy,
        *,
        offered: set[int],
        recorder: Recorder | None = None,
        guide: Guide | None = None,
        time: str | None = None,
        deadline: float = float("inf"),
        make: Callable[..., Run] = Run,
    ) -> Record:
        """Run the scenario once, as the strategy says, and take everything down again.

        Args:
            scenario: What is run.
            strategy: Decides who goes next.
            offered: Sites of watched code where switches are offered.
            recorder: Records the run in detail.
            guide: Decides before the strategy.
            time: When time may pass in this run; the stage's own way unless given.
            deadline: When the run is cut, on the real clock.
            make: Makes the run: one that tells a listener, for one.
        """
        with self.running(
            strategy, offered=offered, recorder=recorder, guide=guide, time=time, deadline=deadline, make=make
        ) as record:
            record.returned(scenario())
        return record

    @contextlib.contextmanager
    def running(self, strategy: Strategy, *, make: Callable[..., Run] = Run, **settings: Any) -> Iterator[Record]:
        """Make the body a controlled run; what it raises is kept in the record."""
        around = self._around = self._around or Surroundings()
        run = self._run = self._begun(strategy, make, **settings)
        here.become(run.root)
        record = run.record
        try:
            yield record
            run.numbering.let_go(every=True)
            for kind in self._kinds:
                kind.closes(run)
            run.wait_for_end()
        except Unwind:
            pass
        except BaseException as error:
            if not run.stopping or explain.passes_through(error):  # else what a `finally` makes of being taken down
                record.failed_with(error)
            if not run.stopping:
                strategy.standstill(run.pending, left=run.alive > 1)
        finally:
            run.unwind_all()
            for kind in self._kinds:
                kind.end(run)
            here.become(None)
            self._run = None
            if run.close().finding is not None:
                around.give_back()
            run.numbering.forget()
            self._collect()

    def _begun(self, strategy: Strategy, make: Callable[..., Run], *, time: str | None = None, **settings: Any) -> Run:
        random.seed(0)
        self._events.start_again()
        run = make(
            strategy,
            watch=self.watch,
            events=self._events,
            root=self._kinds[0].root,
            time=time or self._time,
            wall_start_ns=self._wall_start_ns,
            **settings,
        )
        for kind in self._kinds:
            kind.begin(run)
        return run

    def _collect(self) -> None:
        if gc.get_count()[0] > GARBAGE:
            self._collected += 1
            gc.collect(2 if self._collected % 20 == 0 else 0)  # what lasts (parsed sources) is not looked at each time

    # -- the watchdog's thread

    def _look(self) -> None:
        run = self._run
        task = run.current if run is not None else None
        if run is None or task is None or run.stopping:
            self._still = 0
            return
        steps = run.steps
        now = (run, task, steps, task.clock_now())
        if now[:3] != self._last[:3]:
            self._stuck = 0
        self._stuck += 1
        self._still = self._still + 1 if now == self._last else 0
        self._last = now
        if self._still >= OUTSIDE_TICKS and not task.is_ready():
            self._seize(run, task, steps)
        elif self._stuck > self._patience_ticks:
            self._break_loop(run, task)

    def _seize(self, run: Run, task: Task, steps: int) -> None:
        frame = task.frame()
        each = frame
        while each is not None:
            if each.f_code.co_filename.endswith(_DEBUGGERS):
                return
            each = each.f_back
        user = stacks.user_frame(frame, self.watch)
        run.outside.seize(task, steps, _where_outside(user))
        self._still = 0

    def _break_loop(self, run: Run, task: Task) -> None:
        """End a task that computes for ever without a yield point."""
        self._stuck = 0
        place = stacks.frame_place(stacks.user_frame(task.frame(), self.watch))
        run.halt(Finding("cut", f"{task.name} ran too long without a yield point at {place}"))
        task.strike(Unwind)


def _where_outside(frame: FrameType | None) -> str:
    """Say where a task waits for the world outside, and for a lock of which kind if that is seen."""
    if frame is None:
        return ""
    place = stacks.frame_place(frame)
    text = f"{place}: {place.source}" if place.source else str(place)
    if any(lock.locked() for lock in naming.real_locks_named(frame)):
        text += " (a lock made before pytest_concurrency was loaded)"
    return text


@contextlib.contextmanager
def _own_random() -> Any:
    """Give every run the same `random`, and the caller its own state back."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
