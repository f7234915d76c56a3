"""What an event loop runs, as tasks of a run, and asyncio's tasks and futures with steady hashes."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from asyncio.base_events import _run_until_complete_cb  # type: ignore[attr-defined] # by which a loop's main task is known
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._sight.watching import Watch

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
        asked: Who has asked it to end, while somebody listens; None for nobody.
    """

    __slots__ = ("asked", "number", "part")
    number: int
    part: LoopTask
    asked: Any

    def set_name(self, value: object) -> None:
        """Give it a name, by which it is called from now on if it has not begun; Python 3.11 and 3.12 come here."""
        super().set_name(value)
        coroutine = self.get_coro()
        if inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
            self.part.is_called(str(value))

    def cancel(self, msg: Any = None) -> bool:
        """Ask it to end."""
        self._is_asked()
        if self.part.run.listener is not None and not self.done():
            self.asked = self.part.passes.asks(self) or self.asked
        return bool(super().cancel(msg))

    def _is_asked(self) -> None:
        """Note, if somebody wants to know, that the present step asks how it stands, or tells it something."""
        step = self.part.run.shared.step
        if step is not None:
            step.asks(self.part)

    def __await__(self) -> Generator[Any, None, Any]:
        self._is_asked()
        return super().__await__()

    def __iter__(self) -> Generator[Any, None, Any]:
        self._is_asked()
        return super().__iter__()  # for `yield from`

    def __hash__(self) -> int:
        return self.number

    __eq__ = object.__eq__


for _kind, _like in ((NumberedFuture, asyncio.Future), (NumberedTask, asyncio.Task)):
    _kind.__name__ = _kind.__qualname__ = _like.__name__  # as `repr` shows them
    _kind.__module__ = _like.__module__


class Loop(Protocol):
    """What a step asks of its loop.

    Attributes:
        host: The task whose thread runs the loop.
        loop: The loop itself.
    """

    host: Task
    loop: Any

    def lets(self, part: LoopTask) -> None:
        """Note which step has been chosen; the thread of the loop is about to go on."""

    def asks(self, task: NumberedTask) -> Any:
        """Return what is to be kept of it that a task is asked to end; None for nothing."""

    def leaves(self, *, is_stopped: bool) -> None:
        """Make the loop complete again for real time, or close what a run that was stopped has left."""

    def states(self, watch: Watch) -> list[TaskState]:
        """Return how its tasks stand that have not ended."""

    @property
    def is_over(self) -> bool:
        """Whether the loop is closed."""


class LoopTask(Task):
    """A task of an event loop, or all its plain callbacks together; it runs in the thread of the loop.

    Attributes:
        passes: The loop, in this run.
    """

    __slots__ = ("_task", "_wanted", "passes")

    word = "Task"

    def __init__(self, run: Run, passes: Loop, name: str, task: Any = None) -> None:
        super().__init__(run, len(run.tasks), run.numbering.name(name), daemon=True)
        self._wanted = name
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

    def is_called(self, name: str) -> None:
        """Take a name that the user gives it before it has done anything."""
        if name != self._wanted:
            self.name = self.run.numbering.rename(self.name, self._wanted, name)
            self._wanted = name

    def neighbours(self) -> list[TaskState]:
        """Return how the tasks of its loop stand."""
        return [] if self.passes.is_over else self.passes.states(self.run.watch)

    def keeps_others(self) -> bool:
        """Tell whether its loop would go on with anything: a step that is ready, or a timer."""
        loop = self.passes.loop
        return any(not each._cancelled for each in (*loop._ready, *loop._scheduled))

    def can_be_cancelled(self) -> bool:
        """Tell whether it is a task of the user's, but neither that for which its loop runs nor one behind a shield."""
        task = self.task
        if task is None or task.done() or any(_protects(each) for each, _ in task._callbacks or ()):
            return False
        code = getattr(task.get_coro(), "cr_code", None)
        return code is not None and bool(self.run.watch.is_watched(code.co_filename))

    def cancel(self) -> None:
        """Cancel it."""
        self.task.cancel()

    def frame(self) -> FrameType | None:
        """Return where it is."""
        return self.stands_at()

    def stands_at(self) -> FrameType | None:
        """Return the user's innermost frame of its chain of awaits."""
        found = self.stack()
        return found[-1] if found else None

    def stack(self) -> list[FrameType]:
        """Return the user's frames of its chain of awaits, the outermost first."""
        task = self.task
        if task is None or task.done():
            return []
        is_watched = self.run.watch.is_watched
        return [frame for frame in frames(task.get_coro()) if is_watched(frame.f_code.co_filename)]


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


def heads_of(
    ready: Iterable[Any], part_of: Callable[[Any], LoopTask], callbacks: LoopTask
) -> tuple[dict[LoopTask, Any], Any]:
    """Return the next step of each task ahead of the first plain callback, and that callback."""
    heads: dict[LoopTask, Any] = {}
    for handle in ready:
        if handle._cancelled:
            continue
        part = part_of(handle)
        if part is callbacks:
            return heads, handle
        heads.setdefault(part, handle)
    return heads, None


_STEPS: Final = frozenset({"TaskStepMethWrapper", "builtin_function_or_method", "TaskWakeupMethWrapper", "method"})


def called(coroutine: Any) -> str:
    """Return what a task is called that runs this and that nobody has named."""
    return short_name(str(getattr(coroutine, "__qualname__", None) or type(coroutine).__name__))


def short_name(qualname: str) -> str:
    """Return what a task is called after a function."""
    short = qualname.rpartition(".")[2]
    return "main()" if short == "main" else short  # the thread that runs the scenario is called main


def _protects(callback: Any) -> bool:
    return callback is _run_until_complete_cb or getattr(callback, "__qualname__", "").startswith("shield.")
