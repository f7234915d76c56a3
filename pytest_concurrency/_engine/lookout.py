"""What the watchdog looks for in real time: who is outside, who runs for ever, whose time is up."""

from __future__ import annotations

import dis
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine import naming
from pytest_concurrency._engine.record import FOREVER, Finding
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import debuggers, real
from pytest_concurrency._machine.cpu import HAS_SCHEDSTAT
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._engine.outside import Outside
    from pytest_concurrency._engine.progress import Progress
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

OUTSIDE_TICKS: Final = 2 if HAS_SCHEDSTAT else 100
AT_WORK_TICKS: Final = OUTSIDE_TICKS + 100
LATE: Final = 0.1  # seconds: so long a run that is over may take to notice it
BETWEEN_STRIKES: Final = 0.3  # seconds, while a task does not let itself be stopped
AFTER_FAILURE: Final = 2.0  # seconds that a run gets that has failed, where all who are left are outside
STUCK_AFTER: Final = 1.0  # seconds that the root waits at the end of a run, before the others end beside it
SAMPLES: Final = 50  # looks at a loop, at least, before it is judged
SAME_AGAIN: Final = 10  # an endless loop comes back to each of its states so often
AGAIN_SECONDS: Final = 1.0
_PLAIN: Final = frozenset({int, float, str, bool, bytes})


class Seen(Protocol):
    """What is asked of the run."""

    current: Task | None
    root: Task
    tasks: list[Task]
    steps: int
    stopping: bool
    outside: Outside
    progress: Progress
    record: Record

    def halt(self, finding: Finding | None) -> None:
        """Let nobody offer a switch any more."""


class Lookout:
    """Looks at the run that is on the stage, at every tick of the watchdog.

    A task that waits, and not for a processor, is outside: others go on. A task that runs without
    a yield point, and comes back to the same few states all the time, runs for ever after
    `patience`/2; one whose variables change, after `patience`; one that is in a single call of C
    is left alone until the run's deadline. Nobody's time passes while a debugger shows a task. A run
    whose deadline has passed is cut, whoever has the turn, and until its scenario has been left,
    everybody who does not stop is struck again; so is one that has failed and waits for the world outside.

    Args:
        watch: Whose code is the user's.
        patience: Seconds that a task may compute without a yield point.
        rouse: Raises `Unwind` in the root, also while that is in C; False if it cannot.
    """

    def __init__(self, watch: Watch, patience: float, rouse: Callable[[], bool]) -> None:
        self._watch = watch
        self._rouse = rouse
        self._patience = patience
        self._run: Any = None
        self._looks = real.allocate_lock()
        self._last: tuple[Any, ...] = ()
        self._still = 0
        self._since = 0.0
        self._looked_at = 0.0
        self._struck_at = 0.0
        self._clock: Any = None
        self._loop = _Loop()
        self._is_failed = False  # what is left of the run would change nothing

    def watches(self, run: Seen | None) -> None:
        """Look at this run from now on, and at no other any more."""
        with self._looks:
            self._run = run
            self._last = ()
            self._looked_at = real.monotonic()
            self._is_failed = False

    def look(self) -> None:
        """Look once."""
        with self._looks:
            if self._run is not None:
                self._look(self._run)

    def _look(self, run: Seen) -> None:
        before, self._looked_at = self._looked_at, real.monotonic()
        if run.current is not None and run.record.interrupt is None and debuggers.shows(run.current.frame()):
            run.progress.put_off(self._looked_at - before)
            run.record.was_debugged(self._looked_at - before)
            self._last = ()
        elif self._is_over(run):
            self._end(run)
        elif run.stopping:
            self._look_at_the_end(run)
        elif run.current is None:
            run.outside.pace()
        else:
            self._look_at(run, run.current)

    def _is_over(self, run: Seen) -> bool:
        if not self._is_failed and run.record.raised and not run.stopping:
            self._is_failed = run.outside.nobody_for() > AFTER_FAILURE
        late = self._is_failed or run.progress.is_late(LATE)
        return late or run.record.interrupt is not None or run.record.ended_by(FOREVER)

    def _look_at(self, run: Seen, task: Task) -> None:
        steps = run.steps
        now = (run, task, steps, task.clock_now())
        if now[:3] != self._last[:3]:
            self._begins(now[3])
        self._still = self._still + 1 if now == self._last else 0
        self._last = now
        if task.busy:
            return
        if self._still >= OUTSIDE_TICKS and not task.is_ready():
            self._seize(run, task, steps)
        elif real.monotonic() - self._since > self._patience / 4:
            self._look_for_loop(run, task)

    def _seize(self, run: Seen, task: Task, steps: int) -> None:
        where = where_outside(task.frame(), self._watch)
        run.outside.seize(task, steps, where, at_work=self._still >= AT_WORK_TICKS)
        if run.current is task:
            return
        self._last = ()  # what it does when it is back begins anew

    def _look_for_loop(self, run: Seen, task: Task) -> None:
        """End a task that runs for ever without a yield point."""
        frame = task.frame()
        self._loop.sees(frame)
        lasts = real.monotonic() - self._since
        if not self._loop.runs or lasts < self._patience / 2 or not self._wants_processor(task, lasts):
            return
        if not self._loop.repeats and lasts < self._patience:
            return
        place = stacks.frame_place(stacks.user_frame(frame, self._watch) or frame)
        who = next((each for each in run.tasks if each.body is task and each.acts()), task)
        run.halt(Finding(FOREVER, f"{who.name} runs for ever at {place}"))
        self._patience = min(self._patience, 2 * AGAIN_SECONDS)  # what follows only shows it again
        self._strike(run, task)

    def _begins(self, clock: Any) -> None:
        self._since = real.monotonic()
        self._clock = clock
        self._loop = _Loop()

    def _wants_processor(self, task: Task, seconds: float) -> bool:
        """Tell whether a task has run, or waited for a processor, in a good part of that time; True if nobody knows."""
        now = task.clock_now()
        if now is None or self._clock is None:
            return True
        return bool(sum(now[:2]) - sum(self._clock[:2]) > seconds / 4 * 1e9)

    # -- a run that is over

    def _look_at_the_end(self, run: Seen) -> None:
        """Let the others unwind, too, where the root, which does so first, waits for what one of them has."""
        self._still = 0
        now = (run, run.current, run.steps, run.root.clock_now())
        if now != self._last or run.current is not run.root:
            self._since = self._looked_at
        elif self._looked_at - self._since > STUCK_AFTER:
            run.outside.lets_others_go()
        self._last = now

    def _end(self, run: Seen) -> None:
        """Cut a run whose time is up, and stop again whoever does not stop."""
        task = run.current
        frame = None if task is None else task.frame()
        if not run.stopping:
            if run.record.interrupt is not None:
                run.halt(Finding("interrupt"))
            who = "everybody" if task is None else task.name
            where = f" at {stacks.frame_place(stacks.user_frame(frame, self._watch))}" if frame is not None else ""
            why = "it had failed" if self._is_failed else "time was up"
            run.halt(Finding("cut", f"{why} while {who} {'waited' if task is None else 'still ran'}{where}"))
            self._struck_at = 0.0
        run.outside.free()
        if run.root.outside:
            task = run.root
        if task is not None and real.monotonic() - self._struck_at > BETWEEN_STRIKES:
            if self._struck_at and task is not run.root:
                run.outside.lose(task, where_outside(frame, self._watch))
            elif self._struck_at:
                run.outside.lets_others_go()
            self._strike(run, task)

    def _strike(self, run: Seen, task: Task) -> None:
        self._struck_at = real.monotonic()
        if task is not run.root or not self._rouse():
            task.strike(Unwind)


class _Loop:
    """Tells a loop from a long call of C, and one that gets nowhere from one that computes.

    Attributes:
        runs: Whether the interpreter goes on in it.
        repeats: Whether it comes back to the same states again and again.
    """

    def __init__(self) -> None:
        self._states: dict[Any, int] = {}
        self._looks = 0
        self.runs = False
        self.repeats = False

    def sees(self, frame: FrameType | None) -> None:
        """Look at where the task is now."""
        state = _state(frame)
        self._looks += 1
        self._states[state] = self._states.get(state, 0) + 1
        self.runs = self.runs or len(self._states) > 1 or _jumps(frame)
        self.repeats = self._looks >= SAMPLES and self._looks >= SAME_AGAIN * len(self._states)


def _state(frame: FrameType | None) -> tuple[object, ...]:
    """Return where a thread is and which objects its variables are."""
    state: list[object] = []
    while frame is not None and frame.f_code.co_name != "_task_main":
        values = [value if type(value) in _PLAIN else id(value) for value in frame.f_locals.values()]
        state.append((frame.f_code, frame.f_lasti, *values))
        frame = frame.f_back
    return tuple(state)


def _jumps(frame: FrameType | None) -> bool:
    """Tell whether a frame is at a jump: code that runs is seen there, and no call of C is."""
    if frame is None or frame.f_lasti < 0:
        return False
    return "JUMP" in dis.opname[frame.f_code.co_code[frame.f_lasti]]


def where_outside(frame: FrameType | None, watch: Watch) -> str:
    """Say where a task waits for the world outside, and for a lock of which kind if that is seen."""
    frame = stacks.user_frame(frame, watch) or frame
    if frame is None:
        return ""
    place = stacks.frame_place(frame)
    text = f"{place}: {place.source}" if place.source else str(place)
    if any(lock.locked() for lock in naming.real_locks_named(frame)):
        text += " (a lock made before pytest_concurrency was loaded)"
    return text
