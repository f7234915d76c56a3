"""A run that tells oracles what passes through it; made only when one of them is on."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.run import Run
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.oracles import Finding, Oracles
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site, Touched
    from pytest_concurrency._sight.watching import Watch


class Functions:
    """Functions that a user names: the objects themselves, or what they are called in watched code."""

    def __init__(self, given: tuple[Any, ...], watch: Watch) -> None:
        self._watch = watch
        self._codes = {code for code in map(_code_of, given) if code is not None}
        self._names = {each for each in given if isinstance(each, str)}
        self._known: dict[CodeType, bool] = {}

    def __contains__(self, code: CodeType) -> bool:
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = code in self._codes or self._is_named(code)
        return found

    def _is_named(self, code: CodeType) -> bool:
        name = stacks.short_name(code)
        named = any(name == each or name.endswith(f".{each}") for each in self._names)
        return named and self._watch.is_watched(code.co_filename)

    def around(self, frame: FrameType | None) -> Iterator[FrameType]:
        """Yield the frames of these functions on a stack, from the innermost outwards."""
        while frame is not None:
            if frame.f_code in self:
                yield frame
            frame = frame.f_back

    def __bool__(self) -> bool:
        return bool(self._codes or self._names)


def _code_of(function: Any) -> CodeType | None:
    function = inspect.unwrap(getattr(function, "func", function)) if callable(function) else function
    if isinstance(function, type):
        function = vars(function).get("__init__")
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        code = getattr(vars(type(function)).get("__call__"), "__code__", None)
    return code


class Listener:
    """Hears of one run; each method is called before what it tells is done, by the task itself."""

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Hear of an operation."""

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Hear that a task begins to wait."""

    def does(self, task: Task, op: Operation) -> None:
        """Hear, after the fact, that a task goes on with an operation that it had announced."""

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Hear of an access of watched code; `accesses` is None where they are unknown."""

    def accessed(self, task: Task, site: Site, touched: Touched, accesses: Any, frame: FrameType) -> None:
        """Hear that a known access happens now: nobody else comes before it any more."""

    def entered(self, task: Task, code: CodeType) -> None:
        """Hear that a task has entered one of the functions that the settings name."""

    def started(self, task: Task, frame: FrameType | None) -> None:
        """Hear of a new task."""

    def adopted(self, double: Resource) -> None:
        """Hear of a lock or queue that takes part from now on."""

    def fires(self, early: bool) -> None:  # noqa: FBT001
        """Hear that time passes to the next deadline; `early` when somebody could run."""

    def returned(self) -> None:
        """Hear that the scenario has returned and its threads may still run."""

    def over(self) -> None:
        """Hear that the run is over, before anything of it is taken down."""


class Feed:
    """What all runs of an exploration share; makes the object of each run.

    Attributes:
        listeners: Makes the listeners of a run.
        early: What may happen before nobody can run: "" nothing, "sleeps" their ends, "all" every deadline.
        run: The present run, or the last one.
    """

    def __init__(self, oracles: Oracles, watch: Watch) -> None:
        self.oracles = oracles
        self.watch = watch
        self.listeners: Callable[[ListenedRun], list[Listener]] = lambda _run: []
        self.early = ""
        self.run: ListenedRun | None = None

    def controller(self, *args: Any, **kwargs: Any) -> Run:
        """Make the object of one run."""
        if self.early:
            kwargs["clock_any"] = True
        self.run = ListenedRun(self, *args, **kwargs)
        return self.run

    def place(self, frame: FrameType | None) -> Place:
        """Return the user's place in a stack."""
        return stacks.frame_place(stacks.user_frame(frame, self.watch))


class _All(Listener):
    """Passes everything on to several listeners."""

    def __init__(self, listeners: list[Listener]) -> None:
        self.reach = _each([each.reach for each in listeners])  # type: ignore[method-assign]
        self.block = _each([each.block for each in listeners])  # type: ignore[method-assign]
        self.does = _each([each.does for each in listeners])  # type: ignore[method-assign]
        self.access = _each([each.access for each in listeners])  # type: ignore[method-assign]
        self.accessed = _each([each.accessed for each in listeners])  # type: ignore[method-assign]
        self.entered = _each([each.entered for each in listeners])  # type: ignore[method-assign]
        self.started = _each([each.started for each in listeners])  # type: ignore[method-assign]
        self.adopted = _each([each.adopted for each in listeners])  # type: ignore[method-assign]
        self.fires = _each([each.fires for each in listeners])  # type: ignore[method-assign]
        self.returned = _each([each.returned for each in listeners])  # type: ignore[method-assign]
        self.over = _each([each.over for each in listeners])  # type: ignore[method-assign]


def _each(calls: list[Callable[..., None]]) -> Callable[..., None]:
    ours = [call for call in calls if getattr(call, "__func__", None) not in _SILENT]
    if len(ours) == 1:
        return ours[0]

    def pass_on(*args: Any) -> None:
        for call in ours:
            call(*args)

    return pass_on


_SILENT: Final = frozenset(value for value in vars(Listener).values() if callable(value))


class ListenedRun(Run):
    """A run that tells what passes through it."""

    def __init__(self, shared: Feed, *args: Any, **kwargs: Any) -> None:
        self.shared = shared
        self.feed: Listener = Listener()  # nothing is heard before the run is ready
        super().__init__(*args, **kwargs)
        self.heard_by = shared.listeners(self)
        self.feed = _All(self.heard_by)
        self._judged = False

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch, and tell the oracles."""
        if not self.stopping:
            self.feed.reach(task, op, sys._getframe(1))
        super().reach(task, op)
        self.feed.does(task, op)

    def block(self, task: Task, op: Operation, target: object) -> None:
        """Take a task out of the race, and tell the oracles."""
        if not self.stopping:
            self.feed.block(task, target, sys._getframe(1))
        super().block(task, op, target)
        self.feed.does(task, op)

    def add_task(self, name: str) -> Task:
        """Make a task, and tell the oracles."""
        task = super().add_task(name)
        self.feed.started(task, sys._getframe(1))
        return task

    def adopt(self, double: Resource) -> None:
        """Make an object part of the run, and tell the oracles."""
        super().adopt(double)
        self.feed.adopted(double)

    def wait_for_end(self) -> None:
        """Wait for the threads that the scenario has left behind."""
        if not self.stopping:
            self.feed.returned()
        super().wait_for_end()

    def unwind_all(self) -> None:
        """Let the oracles see how everything stands, and take it down."""
        if not self._judged:
            self._judged = True
            self.feed.over()
        super().unwind_all()

    def found(self, task: Task, finding: Finding) -> None:
        """End the run because an oracle has found something."""
        self.stop(task, ("oracle", finding))

    # -- deadlines that come early

    def choose_next(self, current: Task | None) -> Task:
        if self.shared.early == "sleeps":
            self.clock_any = self._sleep_is_next()
        return super().choose_next(current)

    def let_time_pass(self) -> None:
        self.feed.fires(bool(self.runnable))
        super().let_time_pass()
        if self.shared.early == "sleeps":
            self.clock_any = self._sleep_is_next()

    def _sleep_is_next(self) -> bool:
        number = self.clock.next_waiter()
        target = None if number is None else self.tasks[number].waits_for
        return isinstance(target, tuple) and target[0] == "sleep"
