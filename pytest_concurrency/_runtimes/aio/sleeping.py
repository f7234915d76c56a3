"""An event loop that sleeps in real time: who in it waits for what, and what becomes of them after a verdict."""

from __future__ import annotations

import asyncio
import re
import select
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import TaskState, Waiting
from pytest_concurrency._hangs.book import mine
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.aio import descriptors, makers, telling
from pytest_concurrency._runtimes.aio.steps import frames
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch


class SleepingLoop:
    """A loop whose thread waits until another thread wakes it.

    Attributes:
        future: What the thread runs the loop for; None where it runs until it is stopped.
    """

    def __init__(self, loop: Any, future: Any) -> None:
        self._loop = loop
        self._mark = mine.mark
        self.future = future

    def serves(self) -> bool:
        """Tell whether it runs for others, until somebody stops it."""
        return self.future is None and not self._mark.runs_the_tests

    def is_idle(self) -> bool:
        """Tell whether it serves others and has nothing to do: it is not stuck then."""
        return self.serves() and not asyncio.all_tasks(self._loop)

    def cancel_all(self) -> None:
        """Cancel what is stuck in it: it may serve other tests."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether nobody has woken it yet; its own thread knows that it slept on."""
        return own or not _is_ready(self._loop._ssock)

    def states(self, watch: Watch) -> list[TaskState]:
        """Return how its tasks stand, those of libraries only where there are no others."""
        tasks = self._tasks(watch)
        found = telling.states(list(zip(_names(tasks, watch), tasks, strict=True)), watch)
        if found:
            return found
        frame = real.current_frames().get(self._mark)
        place = stacks.frame_place(stacks.user_frame(frame, watch))
        what = "what was awaited comes from no task" if self.future is not None else "nothing is left to do"
        return [TaskState(self._mark.name, "waits", place, Waiting(f"the event loop: {what}", ""))]

    def let_go(self, error: BaseException) -> None:
        """Let the loop be used again: cancel what its thread ran it for, and which that thread leaves now.

        Where a library runs tests in a task of its own, as anyio does, that task goes on, and the test in it gets
        the error where it waits.
        """
        from pytest_concurrency._hangs.book import waits

        for task in asyncio.all_tasks(self._loop):
            _break_ring(task)
        watch = waits.watch
        if watch is not None and not _is_users(self.future, watch):
            for task in self._tasks(watch):
                leaf = _leaf(task) if task is not self.future and _is_users(task, watch) else None
                if leaf is not None:
                    leaf.set_exception(error)
                    leaf.exception()  # told already: if nobody comes back for it, asyncio need not say so again
        if isinstance(self.future, asyncio.Task):
            self.future.cancel()

    def _tasks(self, watch: Watch) -> list[Any]:
        """Return the tasks that tell why it sleeps, first that for which its thread runs the loop, then by name."""
        every = [task for task in asyncio.all_tasks(self._loop) if not task.done()]
        users = [task for task in every if _is_users(task, watch)]
        return sorted(users or every, key=lambda task: (task is not self.future, _natural(task.get_name())))


def found(selector: Any, caller: FrameType) -> SleepingLoop | None:
    """Return the loop that waits in a call of `select`; None if it is none of asyncio's, or waits for the world too."""
    loop: Any = caller.f_locals.get("self")
    if not _is_loop(loop) or loop._selector is not selector:
        return None
    if loop._ssock is None or descriptors.are_watched(loop) or getattr(loop, "_signal_handlers", None):
        return None
    return SleepingLoop(loop, _runs_for(caller))


def _break_ring(task: Any) -> None:
    """Cancel a task where it waits, if it waits, over others, for itself: asyncio would go round and round."""
    ring = [task]
    while isinstance(ring[-1], asyncio.Task) and ring[-1] not in ring[:-1]:
        ring.append(ring[-1]._fut_waiter)  # type: ignore[attr-defined] # whom it waits for
    if ring[-1] is not task or len(ring) < 2:
        return
    cancelled = task.get_loop().create_future()
    cancelled.cancel()
    for callback, _ in ring[1]._callbacks or ():
        if getattr(callback, "__self__", None) is task:
            ring[1].remove_done_callback(callback)
            callback(cancelled)


def _is_loop(thing: Any) -> bool:
    return isinstance(thing, asyncio.SelectorEventLoop)


def _runs_for(frame: FrameType | None) -> Any:
    """Return the future until which the innermost loop of the running thread runs."""
    while frame is not None:
        if frame.f_code.co_name == "run_until_complete":
            return frame.f_locals.get("future")
        if not frame.f_globals.get("__name__", "").startswith("asyncio"):
            return None
        frame = frame.f_back
    return None


def _is_ready(sock: Any) -> bool:
    """Tell whether something can be read from a socket at once."""
    if sock is None or sock.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _is_users(task: Any, watch: Watch) -> bool:
    """Tell whether a task is at a line of the user's own, or in asyncio at an object that such a line has made."""
    if not _is_task(task) or task.done():
        return False
    for frame in frames(task.get_coro()):
        made = makers.made(frame.f_locals.get("self"))
        if watch.is_watched(frame.f_code.co_filename) or (made is not None and watch.is_watched(made[0])):
            return True
    return False


def _leaf(task: Any) -> Any:
    """Return the plain future at the end of what a task waits for; None where there is none that can be completed."""
    future: Any = task._fut_waiter
    seen = set()
    while _is_task(future) and id(future) not in seen:
        seen.add(id(future))
        future = future._fut_waiter
    is_plain = asyncio.isfuture(future) and not hasattr(future, "_children")
    return future if is_plain and not _is_task(future) and not future.done() else None


def _is_task(thing: Any) -> bool:
    return isinstance(thing, asyncio.Task)


def _names(tasks: list[Any], watch: Watch) -> list[str]:
    """Return what tasks are called: as the user has named them, or after what they run, each once."""
    names: list[str] = []
    for task in tasks:
        name = plain = telling.name_of(task, watch)
        number = 1
        while name in names:
            number += 1
            name = f"{plain} #{number}"
        names.append(name)
    return names


def _natural(name: str) -> tuple[str, int]:
    """Return a key that sorts `Task-10` after `Task-9`."""
    number = re.search(r"\d+$", name)
    return (name, 0) if number is None else (name[: number.start()], int(number[0]))
