"""Everything that surrounds controlled runs: patches, events, watchdog, one CPU, quiet gc."""

from __future__ import annotations

import contextlib
import gc
import random
import sys
import traceback
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._core.clock import NS
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.choosing import DOCUMENTED, EXACT
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.lookout import Lookout
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._engine.touching import at_site
from pytest_concurrency._machine import private, real
from pytest_concurrency._machine.cpu import no_rush, one_cpu
from pytest_concurrency._machine.garbage import quiet_gc
from pytest_concurrency._machine.patched import require_threads
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._machine.rouse import Rouser
from pytest_concurrency._machine.surroundings import Surroundings
from pytest_concurrency._machine.watchdog import Watchdog
from pytest_concurrency._sight.effects import compared, given
from pytest_concurrency._sight.events import Instructions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._engine.contracts import Guide, StagedKind
    from pytest_concurrency._engine.outside import Strangers
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._sight.watching import Watch

GARBAGE: Final = 5_000
_SEEDED: Final = random.Random(0).getstate()


class Stage:
    """Makes controlled runs possible while it is entered; all of it is undone at the exit.

    Args:
        watch: Whose code is the user's.
        kinds: What takes part; the first one runs the scenario.
        time: When time may pass; see `choosing`.
        order: In which order event loops take what is ready; see there too.
        patience: Seconds that a task may compute without a yield point.
        observe: Whether accesses of watched code offer switches.
        strangers: Is asked about threads that are no tasks, where nobody can go on.
    """

    def __init__(
        self,
        watch: Watch,
        kinds: tuple[StagedKind, ...],
        *,
        time: str = EXACT,
        order: str = DOCUMENTED,
        patience: float = 30.0,
        observe: bool = True,
        strangers: Strangers | None = None,
    ) -> None:
        self.watch = watch
        self.patches = Patches()
        self.exit = contextlib.ExitStack()
        self._kinds = kinds
        self._observe = observe
        self._time = time
        self._order = order
        self._strangers = strangers
        self._events = Instructions(watch, at_site)
        self._rouser = Rouser(self._is_roused)
        self._lookout = Lookout(watch, patience, self._rouser.rouse)
        self._watchdog = Watchdog(self._lookout.look)
        self._run: Run | None = None  # while its scenario may be ended
        self._wall_start_ns = real.wall_ns() // NS * NS - 1000 * NS
        self._collected = 0
        self._around: Surroundings | None = None  # as the first run found them: fixtures may be torn down before it

    def __enter__(self) -> Self:
        require_threads()
        private.require()
        with contextlib.ExitStack() as stack:
            undo = stack.enter_context(contextlib.ExitStack())
            stack.callback(self.patches.undo)
            self.patches.set(sys, "unraisablehook", _but_unwinding(sys.unraisablehook))
            for kind in self._kinds:
                undo.enter_context(kind.enter(self.patches, self.watch))
            stack.enter_context(one_cpu(self.patches))
            stack.enter_context(no_rush(self.patches))
            stack.enter_context(quiet_gc())
            stack.enter_context(_own_random())
            stack.callback(self._events.stop)
            if self._observe:
                self._events.start()
                self.patches.set(sys, "settrace", self._events.hearing(sys.settrace))
            stack.enter_context(self._rouser.ready())
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
        run = self._begun(strategy, make, **settings)
        here.become(run.root)
        self._lookout.watches(run)
        self._events.start_again()
        try:
            self._run = run
            try:
                yield run.record
                run.numbering.let_go(every=True)
                for kind in self._kinds:
                    kind.closes(run)
                run.wait_for_end()
            finally:
                self._run = None
        except Unwind as unwinding:  # no circle of frames is left to the collector: 3.12.1 dies of a buffer in one
            traceback.clear_frames(unwinding.__traceback__)
        except BaseException as error:
            if not run.stopping or explain.passes_through(error):  # else what a `finally` makes of being taken down
                run.record.failed_with(error)
            if not run.stopping:
                strategy.standstill(run.pending, left=run.alive > 1)
        finally:
            run.unwind_all()
            self._events.hush()
            self._lookout.watches(None)
            for kind in self._kinds:
                kind.end(run)
            here.become(None)
            if run.close().finding is not None:
                around.give_back()
            run.numbering.forget()
            if type(run) is Run and run.recorder is None and not run.record.is_loose:
                run.retire()
            self._collect()

    def _is_roused(self) -> None:
        """Leave a scenario whose run is over; called in the root's thread."""
        run = self._run
        if run is not None and run.stopping and (run.current is run.root or run.root.outside) and not run.root.busy:
            raise Unwind

    def _begun(self, strategy: Strategy, make: Callable[..., Run], *, time: str | None = None, **settings: Any) -> Run:
        random.setstate(_SEEDED)
        given.clear()
        compared.clear()
        run = make(
            strategy,
            watch=self.watch,
            events=self._events,
            root=self._kinds[0].root,
            time=time or self._time,
            order=self._order,
            wall_start_ns=self._wall_start_ns,
            **settings,
        )
        if self._strangers is not None:
            run.outside.asks(self._strangers)
            if self._strangers.company:
                run.shared.keeps_company()
        for kind in self._kinds:
            kind.begin(run)
        return run

    def _collect(self) -> None:
        if gc.get_count()[0] > GARBAGE:
            self._collected += 1
            gc.collect(2 if self._collected % 20 == 0 else 0)  # what lasts (parsed sources) is not looked at each time


def _but_unwinding(hook: Callable[[Any], None]) -> Callable[[Any], None]:
    """Let nobody hear of what unwinds a task, where it ends a finaliser."""

    def hear(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, Unwind):
            hook(unraisable)

    return hear


@contextlib.contextmanager
def _own_random() -> Any:
    """Give every run the same `random`, and the caller its own state back."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
