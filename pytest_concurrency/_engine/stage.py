"""Everything that surrounds controlled runs: patches, monitor, watchdog, one CPU, quiet gc."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import random
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._core.clock import NS
from pytest_concurrency._engine import naming, outside
from pytest_concurrency._engine import resource as double
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._engine.touching import note_target
from pytest_concurrency._machine import real
from pytest_concurrency._machine.watchdog import TICK_SECONDS, Watchdog
from pytest_concurrency._runtimes.threads import installing as patching
from pytest_concurrency._sight import stacks

if sys.version_info >= (3, 12):
    from pytest_concurrency._sight.events_monitoring import Monitor
else:
    from pytest_concurrency._sight.events_settrace import Monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

OUTSIDE_TICKS: Final = 2 if stacks.HAS_SCHEDSTAT else 100
GARBAGE: Final = 5_000
FULL: Final = 400  # explorations, of which each leaves some hundred objects that nobody has any more
_DEBUGGERS: Final = ("pdb.py", "bdb.py", "pydevd.py", "pydevd_frame.py")
_entered: Final = itertools.count(1)
_FROZEN_AT_START: Final = gc.get_freeze_count()  # CPython 3.12 sets some objects aside itself


@dataclass(slots=True)
class Record:
    """What one run showed.

    Attributes:
        value: What the scenario returned.
        error: What the scenario itself raised, or None.
        errors: (task name, error) of every other task that failed, in order.
        finding: ("deadlock" | "no progress" | "oracle" | "cut" | "strategy", detail), or None.
        states: How the tasks stood at a deadlock.
        choices: The strategy's answers, in order.
        usual: Whether none of them was a switch that a schedule records.
        shared: Sites that touched what several tasks touch.
        widened: Those of them at which no switch was offered yet.
        uncontrolled: (task name, place) for everything that waited outside.
        opaque: Whether a task ran code whose effects do not show, so that nothing is proved.
        interrupt: Ctrl-C or a signal's exception, to be raised again.
    """

    value: Any = None
    error: BaseException | None = None
    errors: list[tuple[str, BaseException]] = field(default_factory=list)
    finding: tuple[str, Any] | None = None
    states: tuple[TaskState, ...] = ()
    choices: list[int] = field(default_factory=list)
    usual: bool = False
    shared: set[int] = field(default_factory=set)
    widened: set[int] = field(default_factory=set)
    uncontrolled: list[tuple[str, Any]] = field(default_factory=list)
    parked: tuple[str, ...] = ()
    opaque: bool = False
    steps: int = 0
    interrupt: BaseException | None = None

    @property
    def failed(self) -> bool:
        """Whether the run showed a bug of the scenario."""
        stuck = self.finding is not None and self.finding[0] in ("deadlock", "no progress", "oracle")
        return stuck or self.error is not None or bool(self.errors)


class Stage:
    """Makes controlled runs possible while it is entered; all of it is undone at the exit."""

    def __init__(self, watch: Watch, *, clock_any: bool = False, patience: float = 30.0, observe: bool = True) -> None:
        self.watch = watch
        self._observe = observe
        self.clock_any = clock_any
        self._patience_ticks = max(1, round(patience / TICK_SECONDS))
        self._patches = patching.Patches()
        self._monitor = Monitor(watch)
        self._watchdog = Watchdog(self._look)
        self._run: Run | None = None
        self._last: tuple[Any, ...] = ()
        self._still = 0
        self._stuck = 0
        self._exit = contextlib.ExitStack()
        self._thread_names: Any = None
        self._wall_start_ns = real.wall_ns() // NS * NS - 1000 * NS
        self._collected = 0
        self.deadline = float("inf")
        self.controller: Callable[..., Run] = Run

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_old_policy())
            stack.callback(self._patches.undo)
            patching.install_doubles(self._patches, self.watch)
            patching.install_run(self._patches)
            patching.rebind_imported(self._patches, self.watch)
            patching.double_library_locks(self._patches)
            stack.enter_context(_names())
            stack.enter_context(_one_cpu(self._patches))
            stack.enter_context(_quiet_gc())
            stack.enter_context(_own_random())
            stack.callback(self._monitor.stop)
            if self._observe:
                self._monitor.start()
            self._watchdog.start()
            stack.callback(self._watchdog.stop)
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._exit.close()

    @property
    def saw_watched(self) -> bool:
        """Whether any watched code ran since the stage was entered."""
        return self._monitor.saw_watched

    def run(
        self,
        scenario: Callable[[], Any],
        strategy: Strategy,
        *,
        offered: set[int],
        recorder: Recorder | None = None,
    ) -> Record:
        """Run the scenario once, as the strategy says, and take everything down again."""
        with self.running(strategy, offered=offered, recorder=recorder) as record:
            record.value = scenario()
        return record

    @contextlib.contextmanager
    def running(self, strategy: Strategy, *, offered: set[int], recorder: Recorder | None = None) -> Iterator[Record]:
        """Make the body a controlled run; what it raises is kept in the record."""
        _reset_names()
        random.seed(0)
        self._monitor.start_again()
        run = self.controller(strategy, clock_any=self.clock_any, offered=offered, recorder=recorder)
        run.excepthook = threading.excepthook
        run.wall_start_ns = self._wall_start_ns
        run.deadline = self.deadline
        run.monitor = self._monitor
        run.note_target = note_target
        record = Record(choices=run.choices)
        run.snapshot = lambda: setattr(record, "states", naming.task_states(run.tasks, self.watch))
        run.place = lambda: str(stacks.frame_place(stacks.user_frame(sys._getframe(2), self.watch)))
        self._run = run
        here.task = run.root
        try:
            yield record
            _end_executors(run)
            run.wait_for_end()
        except Unwind:
            pass
        except BaseException as error:
            record.error = error
            if not run.stopping:
                strategy.standstill(run.pending, left=run.alive > 1)
        finally:
            run.unwind_all()
            here.task = None
            self._run = None
            self._finish(run, record)

    def _finish(self, run: Run, record: Record) -> None:
        record.errors = [(task.name, error) for task, error in run.errors]
        record.finding = run.finding
        record.usual = run.usual
        if run.unknown:
            run.widened.update(*(touched[2] for touched in run.touched.values()))
        run.widened.discard(-1)  # a task's target, which is no place
        record.shared = run.widened
        record.opaque = run.opaque
        record.widened = run.widened - run.offered
        record.uncontrolled = [(name, str(place or "")) for name, place in run.uncontrolled]
        record.parked = tuple(task.name for task in run.tasks if task.parked)
        record.steps = run.steps
        record.interrupt = run.interrupt
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
        now = (run, task, steps, stacks.thread_clock(task.native))
        if now[:3] != self._last[:3]:
            self._stuck = 0
        self._stuck += 1
        self._still = self._still + 1 if now == self._last else 0
        self._last = now
        if self._still >= OUTSIDE_TICKS and not stacks.thread_is_ready(task.native):
            self._seize(run, task, steps)
        elif self._stuck > self._patience_ticks:
            self._break_loop(run, task)

    def _seize(self, run: Run, task: Task, steps: int) -> None:
        frame = real.current_frames().get(task.ident)
        each = frame
        while each is not None:
            if each.f_code.co_filename.endswith(_DEBUGGERS):
                return
            each = each.f_back
        user = stacks.user_frame(frame, self.watch)
        outside.seize(run, task, steps, _where_outside(user))
        self._still = 0

    def _break_loop(self, run: Run, task: Task) -> None:
        """End a task that computes for ever without a yield point."""
        import ctypes

        self._stuck = 0
        user = stacks.user_frame(real.current_frames().get(task.ident), self.watch)
        place = stacks.frame_place(user)
        run.finding = ("cut", f"{task.name} ran too long without a yield point at {place}")
        run.stopping = True
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(task.ident), ctypes.py_object(Unwind))


def _where_outside(frame: FrameType | None) -> str:
    """Say where a task waits for the world outside, and for a lock of which kind if that is seen."""
    if frame is None:
        return ""
    place = stacks.frame_place(frame)
    text = f"{place}: {place.source}" if place.source else str(place)
    if any(lock.locked() for lock in naming.real_locks_named(frame)):
        text += " (a lock made before pytest_concurrency was loaded)"
    return text


def _end_executors(run: Run) -> None:
    """Give the run's executors the end marker that they get when an interpreter ends."""
    pools: Any = sys.modules.get("concurrent.futures.thread")
    if pools is None:
        return
    ours = {task.thread for task in run.tasks if task.thread is not None}
    waiting = [queue for thread, queue in list(pools._threads_queues.items()) if thread in ours]
    if not waiting:
        return
    pools._shutdown = True
    for queue in waiting:
        queue.put(None)
    run.at_end = lambda: setattr(pools, "_shutdown", False)


@contextlib.contextmanager
def _old_policy() -> Any:
    before = double.policy.watch
    try:
        yield
    finally:
        double.policy.watch = before


@contextlib.contextmanager
def _names() -> Any:
    """Number threads and pools from one in every run, and as before afterwards."""
    before = threading._counter  # type: ignore[attr-defined] # what names threads
    pools: Any = sys.modules.get("concurrent.futures.thread")
    pool_names = pools.ThreadPoolExecutor._counter if pools is not None else None
    try:
        yield
    finally:
        threading._counter = before  # type: ignore[attr-defined]
        if pools is not None:
            pools.ThreadPoolExecutor._counter = pool_names


def _reset_names() -> None:
    threading._counter = itertools.count(1).__next__  # type: ignore[attr-defined]
    pools: Any = sys.modules.get("concurrent.futures.thread")
    if pools is not None:
        pools.ThreadPoolExecutor._counter = itertools.count().__next__


@contextlib.contextmanager
def _one_cpu(patches: patching.Patches) -> Any:
    """Pin the calling thread, and so its tasks, to one CPU: the baton passes four times faster.

    It is the one where the thread is: where several processes do so, and had a CPU each, nobody
    has to share one while others are idle. Workers of xdist take theirs by number.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        yield
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    number = int(worker) if worker.isdigit() else None
    cpu = stacks.thread_cpu(threading.get_native_id()) if number is None else None
    if cpu not in allowed:
        cpu = sorted(allowed)[(number or 0) % len(allowed)]
    original = os.sched_getaffinity
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:
        yield
        return
    patches.set(os, "sched_getaffinity", lambda pid: set(allowed) if pid == 0 else original(pid))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextlib.contextmanager
def _quiet_gc() -> Any:
    """Keep the collector off inside runs; what was there before is not looked at between them."""
    enabled = gc.isenabled()
    gc.disable()
    frozen = gc.get_freeze_count() <= _FROZEN_AT_START  # else somebody's own, which `unfreeze` would undo
    if frozen:
        if next(_entered) % FULL == 0:
            gc.collect()
        gc.freeze()
    try:
        yield
    finally:
        if frozen:
            gc.collect()  # of these runs alone: once unfrozen, what is left counts as old, and nothing tells the
            # collector that there is more of it
            gc.unfreeze()
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _own_random() -> Any:
    """Give every run the same `random`, and the caller its own state back."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
