"""The world outside, asked by tasks: for children, files and sockets, whose time is the real one."""

from __future__ import annotations

import functools
import os
import selectors
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

SLICE: Final = 0.05  # seconds
_ASKED: Final = ("exists", "isfile", "isdir", "getmtime", "getsize")
_RECEIVED: Final = ("recv", "recv_into", "recvfrom", "_accept")
_SELECTORS: Final = ("SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector", "_PollLikeSelector")


def install(patches: Patches, watch: Watch) -> None:
    """Note who asks; what is asked is real."""
    for name in _ASKED:
        patches.set(os.path, name, _asking(getattr(os.path, name), watch, is_of_files=True))
    if hasattr(os, "waitpid"):
        patches.set(os, "waitpid", _asking(os.waitpid, watch))
    for module, owner, names in (
        ("pathlib", "Path", ("exists", "is_file", "is_dir")),
        ("subprocess", "Popen", ("poll",)),
    ):
        kind = getattr(sys.modules.get(module), owner, None)
        for name in names if kind is not None else ():
            patches.set(kind, name, _asking(getattr(kind, name), watch, is_of_files=module == "pathlib"))
    for name in _RECEIVED:
        patches.set(socket.socket, name, _asking(getattr(socket.socket, name), watch))
    for name in _SELECTORS:
        kind = getattr(selectors, name, None)
        if kind is not None and "select" in vars(kind):
            patches.set(kind, "select", _selecting(kind.select))


def _asking(original: Callable[..., Any], watch: Watch, *, is_of_files: bool = False) -> Callable[..., Any]:
    """Note a question to which the answer is "not yet", whatever that is: what is asked once is no matter."""

    @functools.wraps(original)
    def ask(*args: Any, **kwargs: Any) -> Any:
        task, answer = here.task, None
        try:
            answer = original(*args, **kwargs)
            return answer
        finally:
            frame = sys._getframe(1)
            if task is not None and task.run.shared.has_company:
                _note(task, stacks.user_frame(frame, watch))
            if task is not None and not task.run.stopping and not (is_of_files and task.run.outside.sees_files):
                outside = task.run.outside
                if not _is_of_a_loop(frame) and outside.is_asked_again(task, says_yes=_is_yes(answer)):
                    outside.polls(task, stacks.frame_place(stacks.user_frame(frame, watch)))

    return ask


def _note(task: Task, frame: FrameType | None) -> None:
    """Note beside whom a task asks: somebody from before may change the answer."""
    if frame is not None:
        task.run.shared.asks_the_world((frame.f_code.co_filename, frame.f_lineno))


def _is_yes(answer: Any) -> bool:
    """Tell whether it has come: a child of the number 0 has not."""
    return any(answer) if isinstance(answer, tuple) else bool(answer)


def _is_of_a_loop(frame: FrameType | None) -> bool:
    """Tell whether an event loop reads, which knows that there is something."""
    while frame is not None and frame.f_globals.get("__name__") == "socket":
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "asyncio.selector_events"


def _selecting(original: Callable[..., Any]) -> Callable[..., Any]:
    """Let a wait for sockets that gives up take its time in the run, too, and exactly that; one ends with its run."""

    @functools.wraps(original)
    def select(self: Any, timeout: float | None = None) -> Any:
        task = here.task
        if task is None or task.run.stopping or (timeout is not None and timeout <= 0):
            return original(self, timeout)
        run = task.run
        if timeout is None:
            return _in_slices(functools.partial(original, self), None, task)
        ends_at = run.clock.now_ns + to_ns(timeout)
        token = run.clock.add(ends_at, task.id)
        try:
            ready = _in_slices(functools.partial(original, self), timeout, task)
        finally:
            run.clock.cancel(token)
        if not ready:
            run.outside.took_until(task, ends_at)
        return ready

    return select


def _in_slices(select: Callable[[float], Any], timeout: float | None, task: Task) -> Any:
    """Wait for sockets, and look now and then whether the run is over: nothing calls a thread back out of C.

    Raises:
        Unwind: It is.
    """
    until = float("inf") if timeout is None else real.monotonic() + timeout
    while True:
        left = until - real.monotonic()
        ready = select(max(min(left, SLICE), 0))
        if ready or left <= SLICE:
            return ready
        if task.run.stopping:
            task.has_the_turn()
            raise task.run.unwind(task)
