"""Brute force at the level of bytecode: which outcomes can a small program have?

It knows nothing of the package that it judges. Real threads run one at a time and may change before every
instruction that is not local to a frame (`sys.monitoring`, so Python 3.12 or later), and before every operation
of a lock; searched depth first within a bound on preemptions, then by random walks. Each outcome that it names
did happen, so that what is found is a lower bound of what can happen.
"""

from __future__ import annotations

import _thread
import dis
import gc
import itertools
import os
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from types import CodeType
from typing import Any, Final, Self

from benchmarks.brute_doubles import doubled

HERE: Final = os.path.dirname(os.path.abspath(__file__))
LIBRARY: Final = os.path.dirname(os.path.abspath(threading.__file__))
LEFT_OUT: Final = ("threading.py", "bdb.py", "dis.py", "warnings.py", "traceback.py", "linecache.py")
POINTS: Final = 100_000
LOCAL: Final = frozenset(
    """
    CACHE CHECK_EXC_MATCH COPY COPY_FREE_VARS END_FOR END_SEND EXTENDED_ARG IS_OP JUMP_BACKWARD
    JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD KW_NAMES LIST_APPEND LOAD_CONST LOAD_CLOSURE LOAD_FAST
    LOAD_FAST_AND_CLEAR LOAD_FAST_BORROW LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_FAST_LOAD_FAST
    LOAD_SMALL_INT MAKE_CELL MAKE_FUNCTION MAP_ADD NOP NOT_TAKEN POP_EXCEPT POP_ITER POP_JUMP_IF_NONE
    POP_JUMP_IF_NOT_NONE PRECALL PUSH_EXC_INFO PUSH_NULL RERAISE RESUME RETURN_CONST RETURN_GENERATOR RETURN_VALUE
    SET_ADD SET_FUNCTION_ATTRIBUTE STORE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST SWAP
    """.split()
)
"""Instructions that touch nothing but the frame."""


class Stop(BaseException):
    """Ends the tasks of a run that is over."""


class Task:
    """One thread of a run.

    Attributes:
        may_go: None, or a function that tells whether what the task waits for is there.
        deadline: The time at which it stops waiting.
    """

    def __init__(self, thread: Any) -> None:
        self.thread = thread
        self.baton = _thread.allocate_lock()
        self.baton.acquire()
        self.may_go: Callable[[], bool] | None = None
        self.deadline: float | None = None
        self.is_over = False

    def is_able(self) -> bool:
        """Whether it can go on."""
        return not self.is_over and (self.may_go is None or self.may_go())


class Run:
    """One run of a program; `choose(options, costs)` answers who goes next, 0 being who goes already."""

    def __init__(self, choose: Callable[[int, bool], int]) -> None:
        self.choose = choose
        self.clock = 1000.0
        self.main = Task(threading.current_thread())
        self.tasks = [self.main]
        self.by_ident = {_thread.get_ident(): self.main}
        self.end = ""  # why it was stopped
        self.errors: list[str] = []
        self.points = 0

    def me(self) -> Task | None:
        """Return the task of the calling thread."""
        return self.by_ident.get(_thread.get_ident())

    def point(self) -> None:
        """Offer a change."""
        task = self.me()
        if task is None:
            return
        self.points += 1
        if self.points > POINTS:
            self.end = self.end or "NO END"
        if self.end:
            raise Stop
        if len(self.tasks) == 1:
            return
        others = [each for each in self.tasks if each is not task and each.is_able()]
        if others:
            chosen = self.choose(len(others) + 1, True)
            if chosen:
                self._hand_over(task, others[chosen - 1])

    def wait(self, may_go: Callable[[], bool], timeout: float | None = None) -> bool:
        """Let others go until `may_go()`; False after the time-out. Time moves when nobody can go."""
        task = self.me()
        if self.end or task is None:
            raise Stop
        if may_go():
            return True
        task.may_go = may_go
        task.deadline = None if timeout is None or timeout < 0 else self.clock + timeout
        try:
            other = self._next()
            if other is None:
                self._stop("DEADLOCK", task)
            elif other is not task:
                self._hand_over(task, other)
        finally:
            task.may_go = task.deadline = None
        return may_go()

    def _next(self) -> Task | None:
        """Choose among all who can go; where there is nobody, time moves."""
        able = [each for each in self.tasks if each.is_able()]
        if not able:
            due = [each.deadline for each in self.tasks if not each.is_over and each.deadline is not None]
            if not due:
                return None
            self.clock = max(self.clock, min(due))
            able = [each for each in self.tasks if not each.is_over and each.deadline is not None]
            able = [each for each in able if each.deadline <= self.clock]  # type: ignore[operator]
        return able[self.choose(len(able), False)] if len(able) > 1 else able[0]

    def _hand_over(self, task: Task, other: Task) -> None:
        other.baton.release()
        task.baton.acquire()
        if self.end:
            raise Stop

    def _stop(self, why: str, task: Task | None) -> None:
        self.end = self.end or why
        if task is not self.main:
            self.main.baton.release()
            if task is None:
                return
            task.baton.acquire()
        raise Stop

    def start(self, thread: Any) -> None:
        """Begin a thread as a task."""
        task = thread.brute_task = Task(thread)
        self.tasks.append(task)
        _thread.start_new_thread(self._body, (task,))
        self.point()

    def _body(self, task: Task) -> None:
        task.baton.acquire()
        ident = _thread.get_ident()
        self.by_ident[ident] = task
        threading._active[ident] = task.thread  # type: ignore[attr-defined]
        task.thread._ident = ident
        try:
            if not self.end:
                task.thread.run()
        except Stop:
            pass
        except BaseException as error:
            if not self.end:  # else it is what unwinding does to locks
                self.errors.append(type(error).__name__)
        task.is_over = True
        threading._active.pop(ident, None)  # type: ignore[attr-defined]
        del self.by_ident[ident]
        if self.end:
            self.main.baton.release()
            return
        try:
            other = self._next()
            if other is None:
                self._stop("DEADLOCK", None)
            else:
                other.baton.release()
        except Stop:
            pass

    def finish(self) -> None:
        """Wait as the end of an interpreter does, then end whoever is left."""
        others = [each for each in self.tasks[1:] if not each.thread.daemon]
        if not self.end:
            self.wait(lambda: all(each.is_over for each in others))

    def unwind(self) -> None:
        """End whoever is left, one at a time."""
        self.end = self.end or "OVER"
        for each in self.tasks[1:]:
            if not each.is_over:
                each.baton.release()
                self.main.baton.acquire()


class Watch:
    """Makes the instructions of a program, and of the standard library's Python code, points of the run."""

    def __init__(self, files: set[str], *, deep: bool) -> None:
        self._files, self._deep = files, deep
        self._offsets: dict[CodeType, set[int]] = {}
        self.run: Run | None = None

    def __enter__(self) -> Self:
        monitoring = sys.monitoring
        self._tool = next(each for each in range(5, -1, -1) if monitoring.get_tool(each) is None)
        monitoring.use_tool_id(self._tool, "brute force")
        monitoring.register_callback(self._tool, monitoring.events.PY_START, self._begins)
        monitoring.register_callback(self._tool, monitoring.events.INSTRUCTION, self._instruction)
        monitoring.set_events(self._tool, monitoring.events.PY_START)
        return self

    def __exit__(self, *_: object) -> None:
        monitoring = sys.monitoring
        monitoring.set_events(self._tool, 0)
        for code in self._offsets:
            monitoring.set_local_events(self._tool, code, 0)
        for event in (monitoring.events.PY_START, monitoring.events.INSTRUCTION):
            monitoring.register_callback(self._tool, event, None)
        monitoring.free_tool_id(self._tool)

    def _begins(self, code: CodeType, _offset: int) -> Any:
        if code not in self._offsets and self._is_watched(code):
            self._offsets[code] = {each.offset for each in dis.get_instructions(code) if not _is_local(each)}
            sys.monitoring.set_local_events(self._tool, code, sys.monitoring.events.INSTRUCTION)
        return sys.monitoring.DISABLE

    def _is_watched(self, code: CodeType) -> bool:
        name = code.co_filename
        if name in self._files:
            return True
        if not self._deep or name.startswith((HERE, "<frozen")) or name.endswith(LEFT_OUT):
            return False
        return name.startswith("<") or (name.startswith(LIBRARY) and "site-packages" not in name)

    def _instruction(self, code: CodeType, offset: int) -> Any:
        if offset not in self._offsets.get(code, ()):
            return sys.monitoring.DISABLE
        if self.run is not None:
            self.run.point()
        return None


def _is_local(instruction: dis.Instruction) -> bool:
    """Tell whether an instruction touches nothing but its frame; an error leaves a generator without a switch."""
    return instruction.opname in LOCAL or instruction.argrepr == "INTRINSIC_STOPITERATION_ERROR"


class DepthFirst:
    """Every choice within a bound on preemptions, one run after the other."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self._path: list[list[int]] = []  # [answer, number of answers, whether it costs]

    def begin(self) -> None:
        """Begin a run."""
        self._at = self._spent = 0

    def choose(self, options: int, costs: bool) -> int:
        """Answer as the path says, with the first option after its end."""
        if self._at == len(self._path):
            self._path.append([0, options if not costs or self._spent < self.bound else 1, costs])
        answer, most, counted = self._path[self._at]
        self._at += 1
        self._spent += bool(counted and answer)
        assert answer < options or most == 1, "the program is not deterministic"
        return answer

    def is_next(self) -> bool:
        """Move on to the next path; False where there is none."""
        del self._path[self._at :]
        while self._path:
            self._path[-1][0] += 1
            if self._path[-1][0] < self._path[-1][1]:
                return True
            self._path.pop()
        return False


def one(scenario: Callable[[], Any], choose: Callable[[int, bool], int], watch: Watch) -> str:
    """Run a program once; return what it showed."""
    run = Run(choose)
    threading._counter = itertools.count(1).__next__  # type: ignore[attr-defined]
    with doubled(run):
        watch.run = run
        try:
            shown = repr(scenario())
            run.finish()
        except Stop:
            shown = ""
        except BaseException as error:
            shown = f"RAISED {type(error).__name__}"
        finally:
            run.unwind()
            watch.run = None
    if run.errors:
        return f"RAISED {','.join(sorted(run.errors))}"
    return shown if run.end == "OVER" else run.end


@dataclass
class Truth:
    """What brute force has seen.

    Attributes:
        outcomes: How often each outcome came.
        bound: The greatest bound on preemptions within which everything was tried.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    bound: int = 0
    runs: int = 0

    def note(self, outcome: str) -> None:
        """Count a run."""
        self.runs += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def search(scenario: Callable[[], Any], truth: Truth, bound: int, *, deep: bool, until: float) -> bool:
    """Try everything within a bound; tell whether there was time for it."""
    depth_first = DepthFirst(bound)
    with Watch({scenario.__code__.co_filename}, deep=deep) as watch:
        one(scenario, lambda _options, _costs: 0, watch)  # whatever is made once is made now
        while perf_counter() < until:
            depth_first.begin()
            truth.note(one(scenario, depth_first.choose, watch))
            if not depth_first.is_next():
                truth.bound = max(truth.bound, bound)
                return True
    return False


def walk(scenario: Callable[[], Any], truth: Truth, walks: int, seed: int, *, until: float) -> None:
    """Run at random, with few changes and with many."""
    dice = random.Random(seed)
    with Watch({scenario.__code__.co_filename}, deep=True) as watch:
        for _ in range(walks):
            if perf_counter() > until:
                return
            often = dice.choice((0.02, 0.1, 0.4))

            def choose(options: int, costs: bool, often: float = often) -> int:
                return 0 if costs and dice.random() > often else int(dice.random() * options)

            truth.note(one(scenario, choose, watch))


def outcomes(
    scenario: Callable[[], Any], *, seconds: float = 3.0, walks: int = 60, expected: frozenset[str] = frozenset()
) -> Truth:
    """Return what a program can show: one preemption everywhere, two in its own code, then walks.

    More preemptions are tried as long as an expected outcome has not been seen.
    """
    truth, was_on = Truth(), gc.isenabled()
    gc.collect()
    gc.disable()
    until = perf_counter() + seconds
    try:
        search(scenario, truth, 1, deep=True, until=perf_counter() + seconds / 3)
        search(scenario, truth, 2, deep=False, until=perf_counter() + seconds / 3)
        walk(scenario, truth, walks, 0, until=until)
        for bound in (2, 3, 4):
            if expected <= truth.outcomes.keys():
                break
            search(scenario, truth, bound, deep=bound == 2, until=perf_counter() + seconds)
    finally:
        if was_on:
            gc.enable()
    return truth
