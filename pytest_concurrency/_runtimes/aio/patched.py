"""The methods of asyncio's own loops as a task of a run meets them; outside a run they are as they were."""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
import sys
import weakref
from asyncio import base_events, events, selector_events
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import Instant
from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.aio import noticing
from pytest_concurrency._runtimes.aio.passes import RUNNER, Passes
from pytest_concurrency._runtimes.aio.steps import NumberedFuture, NumberedTask, called
from pytest_concurrency._runtimes.aio.timers import NumberedTimer
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

_PASSES: Final = "_concurrency_passes"


def passes_of(loop: Any, task: Task) -> Passes:
    """Return what a loop is in the run of a task."""
    found: Passes | None = loop.__dict__.get(_PASSES)
    if found is None or found.run is not task.run:
        found = loop.__dict__[_PASSES] = Passes(loop, task.run, task, _pipe)
        loop.__dict__["_concurrency_count"] = itertools.count(1).__next__
    return found


def install(patches: Patches, watch: Watch) -> None:
    """Let every loop that a task of a run makes or runs obey that run."""
    base: Any = base_events.BaseEventLoop
    selector: Any = selector_events.BaseSelectorEventLoop
    for owner, name, make in (
        (base, "_run_once", _run_once),
        (base, "time", _time),
        (base, "call_at", _call_at),
        (base, "create_task", _create_task),
        (base, "create_future", _create_future),
        (base, "call_soon_threadsafe", _call_soon_threadsafe),
        (base, "call_exception_handler", _call_exception_handler),
        (base, "run_forever", _run_forever),
        (base, "subprocess_exec", functools.partial(_subprocess, watch)),
        (base, "subprocess_shell", functools.partial(_subprocess, watch)),
        (selector, "_write_to_self", _write_to_self),
        (selector, "_make_self_pipe", _make_self_pipe),
        (selector, "_close_self_pipe", _close_self_pipe),
    ):
        original = vars(owner)[name]
        patches.set(owner, name, functools.wraps(original)(make(original)))
    signals: Any = asyncio.SelectorEventLoop
    if "add_signal_handler" in vars(signals):  # where signals reach a loop
        wrapped = functools.wraps(signals.add_signal_handler)(_add_signal_handler(signals.add_signal_handler))
        patches.set(signals, "add_signal_handler", wrapped)
    runner: Any = asyncio.Runner
    patches.set(runner, "_lazy_init", functools.wraps(runner._lazy_init)(_lazy_init(runner._lazy_init)))
    patches.set(asyncio.tasks, "as_completed", _as_completed(asyncio.tasks.as_completed))
    patches.set(asyncio, "as_completed", asyncio.tasks.as_completed)


def _run_once(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def run_once(self: Any) -> None:
        task = here.task
        if task is None:  # after its run: a fixture is torn down
            original(self)
        else:
            passes_of(self, task).once(task)

    return run_once


def _run_forever(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def run_forever(self: Any) -> None:
        if here.task is None and getattr(self, "_ssock", self) is None:
            self._make_self_pipe()
        original(self)

    return run_forever


def _lazy_init(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def lazy_init(self: Any) -> None:
        original(self)
        if here.task is not None and self._loop is not None:
            self._loop.__dict__.setdefault(RUNNER, weakref.ref(self))

    return lazy_init


def _time(original: Callable[[Any], float]) -> Callable[[Any], float]:
    def time(self: Any) -> float:
        task = here.task
        return original(self) if task is None else Instant(task.run.clock.now_ns)

    return time


def _call_at(original: Callable[..., Any]) -> Callable[..., Any]:
    def call_at(self: Any, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        task = here.task
        if task is None:
            return original(self, when, callback, *args, context=context)
        if when is None:
            raise TypeError("when cannot be None")
        self._check_closed()
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        passes = passes_of(self, task)
        made: Any = NumberedTimer(when, callback, args, self, context)
        passes.times(made, self._concurrency_count())
        if noticing.is_heard(task.run):
            made.line = stacks.line_of(stacks.user_frame(sys._getframe(1), task.run.watch))
        if task.run.shared.step is not None:
            task.run.shared.step.touches_line()
        heapq.heappush(self._scheduled, made)
        made._scheduled = True
        return made

    return call_at


def _create_task(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_task(self: Any, coro: Any, *, name: Any = None, **more: Any) -> Any:
        made: Any
        task = here.task
        if task is None:
            return original(self, coro, name=name, **more)
        passes = passes_of(self, task)
        number = self._concurrency_count()
        label = called(coro) if name is None else str(name)
        if self._task_factory is not None:
            other = original(self, coro, name=name, **more)
            if isinstance(other, asyncio.Task):
                passes.knows(other, label)
            return other
        self._check_closed()
        made = NumberedTask.__new__(NumberedTask)
        made.number, made.asked = number, None
        made.part = passes.part(label, made)
        made.__init__(
            coro, loop=self, name=f"Task-{passes.next_task()}" if name is None else name, **more
        )  # in here it is hashed already
        if made._source_traceback:
            del made._source_traceback[-1]
        return made

    return create_task


def _create_future(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def create_future(self: Any) -> Any:
        task = here.task
        if task is None:
            return original(self)
        passes_of(self, task)
        made = NumberedFuture(loop=self)
        made.number = self._concurrency_count()
        step = task.run.shared.step
        if step is not None:
            step.touches("new")
        return made

    return create_future


def _call_soon_threadsafe(original: Callable[..., Any]) -> Callable[..., Any]:
    def call_soon_threadsafe(self: Any, callback: Any, *args: Any, context: Any = None) -> Any:
        task = here.task
        if task is not None and not task.run.stopping:
            if self.is_running() and _PASSES not in self.__dict__:  # in a thread from elsewhere
                task.run.outside.wakes(task)
                return original(self, callback, *args, context=context)
            passes = passes_of(self, task)
            if passes.host is not task:
                task.run.reach(task, passes.op_soon)
        return original(self, callback, *args, context=context)

    return call_soon_threadsafe


def _call_exception_handler(original: Callable[..., None]) -> Callable[..., None]:
    def call_exception_handler(self: Any, context: Any) -> None:
        task = here.task
        if task is None or not task.run.stopping:
            if task is not None and noticing.is_heard(task.run):
                noticing.handler_called(task.run, context)
            original(self, context)

    return call_exception_handler


def _add_signal_handler(original: Callable[..., None]) -> Callable[..., None]:
    """Give a loop its pipe before a signal is to come through it."""

    def add_signal_handler(self: Any, *args: Any) -> None:
        if self._csock is None:
            _pipe(self)
        original(self, *args)

    return add_signal_handler


def _subprocess(watch: Watch, original: Callable[..., Any]) -> Callable[..., Any]:
    """Start a process, which nobody decides when it goes on."""

    def subprocess(self: Any, *args: Any, **kwargs: Any) -> Any:
        task = here.task
        if task is not None:
            place = stacks.frame_place(stacks.user_frame(sys._getframe(1), watch))
            task.run.record.went_outside(task.name, place)
        return original(self, *args, **kwargs)

    return subprocess


def _write_to_self(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def write_to_self(self: Any) -> None:
        passes: Passes | None = self.__dict__.get(_PASSES)
        if passes is not None:
            passes.wake()
        original(self)

    return write_to_self


def _pipe(loop: Any) -> None:
    """Give a loop its own pipe, by which other threads wake it in real time."""
    method: Any = selector_events.BaseSelectorEventLoop
    getattr(method._make_self_pipe, "__wrapped__", method._make_self_pipe)(loop)


def _make_self_pipe(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def make_self_pipe(self: Any) -> None:
        if here.task is None:
            original(self)
        else:  # nobody has to wake a loop that never sleeps
            self._ssock = self._csock = None

    return make_self_pipe


def _close_self_pipe(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def close_self_pipe(self: Any) -> None:
        if self._ssock is not None:
            original(self)

    return close_self_pipe


def _as_completed(original: Callable[..., Any]) -> Callable[..., Any]:
    """Let coroutines begin in the order in which they are given; the original puts them into a set first."""

    @functools.wraps(original)
    def as_completed(fs: Any, **more: Any) -> Any:
        if here.task is not None and isinstance(fs, (list, tuple, dict)):
            loop = events._get_running_loop()
            if loop is not None:
                fs = [asyncio.ensure_future(each, loop=loop) for each in dict.fromkeys(fs)]
        return original(fs, **more)

    return as_completed
