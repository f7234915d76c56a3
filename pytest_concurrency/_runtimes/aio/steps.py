"""What an event loop runs, as tasks of a run, and asyncio's tasks and futures with steady hashes."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.run import Run

BETWEEN: Final[Operation] = ("line", ())
"""What the thread of a loop does while one of its steps is to be chosen: nothing."""


class NumberedFuture(asyncio.Future):  # type: ignore[type-arg] # not subscriptable at run time
    """A future that hashes by its number: sets of futures have the same order in every run."""

    __slots__ = ("number",)
    number: int

    def __hash__(self) -> int:
        return self.number

    __eq__ = object.__eq__


class NumberedTask(asyncio.Task):  # type: ignore[type-arg] # not subscriptable at run time
    """A task that hashes by its number: sets of tasks have the same order in every run.

    Attributes:
        number: Its number in its loop.
        part: What it is in the run.
    """

    __slots__ = ("number", "part")
    number: int
    part: LoopTask

    def __hash__(self) -> int:
        return self.number

    __eq__ = object.__eq__


class NumberedTimer(asyncio.TimerHandle):
    """A timer that knows which one it was, when it was set, and what it cannot come before.

    Attributes:
        number: Its number in its loop.
        set_at: The time at which it was set, in virtual nanoseconds.
        after: For each time, the number of the last timer set then without which this one would not be; its own too.
    """

    __slots__ = ("after", "number", "set_at")
    after: dict[int, int]
    number: int
    set_at: int

    def is_set(self, number: int, now: int, fired: dict[int, int]) -> None:
        """Note its number, the time, and of each time the last timer that came before it was set."""
        self.number, self.set_at = number, now
        self.after = {**fired, now: number}

    def comes_after(self, other: NumberedTimer) -> bool:
        """Tell whether, both being set for one time, this one cannot come first: every step takes a moment."""
        return self.after.get(other.set_at, -1) > other.number


for _kind, _like in ((NumberedFuture, asyncio.Future), (NumberedTask, asyncio.Task)):
    _kind.__name__ = _kind.__qualname__ = _like.__name__  # as `repr` shows them
    _kind.__module__ = _like.__module__


class Loop(Protocol):
    """What a step asks of its loop.

    Attributes:
        host: The task whose thread runs the loop.
    """

    host: Task

    def lets(self, part: LoopTask) -> None:
        """Note which step has been chosen; the thread of the loop is about to go on."""

    def leaves(self, *, is_stopped: bool) -> None:
        """Make the loop complete again for real time, or close what a run that was stopped has left."""

    @property
    def is_over(self) -> bool:
        """Whether the loop is closed."""


class LoopTask(Task):
    """A task of an event loop, or all its plain callbacks together; it runs in the thread of the loop.

    Attributes:
        passes: The loop, in this run.
    """

    __slots__ = ("_task", "passes")

    word = "Task"

    def __init__(self, run: Run, passes: Loop, name: str, task: Any = None) -> None:
        super().__init__(run, len(run.tasks), run.numbering.name(name), daemon=True)
        self.passes = passes
        self._task: Any = None if task is None else weakref.ref(task)

    @property
    def task(self) -> Any:
        """The task of asyncio, while anybody keeps it."""
        return None if self._task is None else self._task()

    @property
    def body(self) -> Task:
        """The thread that runs its loop."""
        return self.passes.host

    def go(self) -> None:
        """Let it go on, in the thread of its loop."""
        self.passes.lets(self)
        self.passes.host.go()

    def frame(self) -> FrameType | None:
        """Return where it is."""
        return self.stands_at()

    def stands_at(self) -> FrameType | None:
        """Return the user's innermost frame of its chain of awaits."""
        task = self.task
        if task is None or task.done():
            return None
        found = None
        for frame in frames(task.get_coro()):
            if self.run.watch.is_watched(frame.f_code.co_filename):
                found = frame
        return found


def frames(awaited: Any) -> Iterator[FrameType]:
    """Yield the frames of a suspended coroutine, the outermost first."""
    while awaited is not None:
        if inspect.iscoroutine(awaited):
            frame, awaited = awaited.cr_frame, awaited.cr_await
        elif inspect.isgenerator(awaited):
            frame, awaited = awaited.gi_frame, awaited.gi_yieldfrom
        elif inspect.isasyncgen(awaited):
            frame, awaited = awaited.ag_frame, awaited.ag_await
        else:
            frame, awaited = None, _inside(awaited)
        if frame is not None:
            yield frame


_WRAPPERS: Final = ("coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable")


def _inside(awaitable: Any) -> Any:
    """Return the coroutine or generator inside a wrapper of the interpreter's."""
    import gc

    if type(awaitable).__name__ in _WRAPPERS:
        for each in gc.get_referents(awaitable):
            if inspect.iscoroutine(each) or inspect.isasyncgen(each) or type(each).__name__ in _WRAPPERS:
                return each
    return None


def task_of(handle: Any) -> Any:
    """Return the task of asyncio whose step a handle is; None for a plain callback."""
    callback = handle._callback
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, asyncio.Task) and type(callback).__name__ in _STEPS else None


_STEPS: Final = frozenset({"TaskStepMethWrapper", "builtin_function_or_method", "TaskWakeupMethWrapper", "method"})


def called(coroutine: Any) -> str:
    """Return what a task is called that runs this and that nobody has named."""
    name = getattr(coroutine, "__qualname__", None) or type(coroutine).__name__
    short = str(name).rpartition(".")[2]
    return "main()" if short == "main" else short  # the thread that runs the scenario is called main
