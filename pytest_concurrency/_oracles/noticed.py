"""What a kind of concurrency notices itself: coroutines, tasks, exceptions and generators that somebody has dropped."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._oracles.oracle import Oracle

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.listener import Notice
    from pytest_concurrency._engine.task import Task

COLLECTS: Final = 20  # so often in a run the collector comes where somebody waits


class Noticed(Oracle):
    """Tells what a kind has noticed, at the end of a run in which nothing else is wrong.

    Attributes:
        title: What the habit is called.
        cause: Why it is wrong, and what to do instead.
        collects: Whether the collector is to come where somebody waits, as it shows what nobody keeps.
    """

    title = ""
    cause = ""
    collects = False

    def listens(self, run: ListenedRun) -> Listener:
        """Return what hears the notices of a run."""
        return NoticeListener(run, self)


class NoticeListener(Listener):
    """Keeps the first notice of one run that is the oracle's concern."""

    def __init__(self, run: ListenedRun, oracle: Noticed) -> None:
        self.run = run
        self._oracle = oracle
        self._first: Notice | None = None
        self._left = COLLECTS if oracle.collects else 0

    def noticed(self, notice: Notice) -> None:
        """Keep it."""
        if self._first is None and notice.habit == self._oracle.name:
            self._first = notice

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Let the collector come."""
        if self._left:
            self._left -= 1
            gc.collect()

    def over(self) -> None:
        """Tell it."""
        if self._first is None and not self.run.stopping:
            gc.collect()
        if self._first is not None:
            self.run.found_at_end(self._found(self._first))

    def _found(self, notice: Notice) -> Found:
        where = (f"at {notice.place}",) if notice.place else ()
        headline = f"{self._oracle.title}: {notice.who} {notice.what}"
        return Found(self._oracle.name, headline, (*where, *notice.more), self._oracle.cause, _line(notice))


def _line(notice: Any) -> str:
    return str(notice.place).partition("  ")[0] or notice.who


class NeverAwaited(Noticed):
    """Finds calls of coroutine functions whose answer nobody has awaited."""

    name = "never_awaited"
    title = "never awaited"
    cause = "to call a coroutine function runs nothing of it: await what it returns, or give it to create_task"


class LostExceptions(Noticed):
    """Finds exceptions of tasks and futures at which nobody has looked."""

    name = "lost_exceptions"
    title = "lost exception"
    cause = (
        "a task's exception waits for whoever awaits the task: await it, or start it in a TaskGroup; "
        "a greenlet's waits for whoever calls get()"
    )


class SwallowedCancellations(Noticed):
    """Finds tasks that were cancelled and went on."""

    name = "swallowed_cancellations"
    title = "swallowed cancellation"
    cause = (
        "whoever cancels waits for the end, and time-outs and groups rely on it: clean up in `finally`, or raise "
        "the CancelledError again"
    )


class LeftTasks(Noticed):
    """Finds tasks that nobody has awaited, and those that nobody keeps."""

    name = "left_tasks"
    title = "left task"
    cause = (
        "asyncio.run cancels what has not ended, and the loop itself keeps no task alive: keep it and await it, "
        "or start it in a TaskGroup; join a greenlet, or kill it"
    )
    collects = True


class LeftOpen(Noticed):
    """Finds generators whose clean-up is left to the end of the loop, and timers that never come."""

    name = "left_open"
    title = "left open"
    cause = (
        "its clean-up comes at a time that nobody knows, or not at all: `async with contextlib.aclosing(...)` closes "
        "a generator, cancel() a timer, `with` a Timeout"
    )


class OpenSockets(Noticed):
    """Finds sockets that nobody has closed."""

    name = "open_sockets"
    title = "open socket"
    cause = (
        "the other side waits for an end that does not come, and the process has only so many descriptors: "
        "`with socket:` closes it, whatever happens inside"
    )
