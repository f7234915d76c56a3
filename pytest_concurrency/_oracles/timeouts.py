"""Timed waits that gave up while nobody looked at their answer."""

from __future__ import annotations

import dis
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Finding
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.listened import ListenedRun, Listener
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._runtimes.threads import locks as doubles
from pytest_concurrency._sight.loop_index import loop_index

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.threads.installing import Patches

_STORES: Final = frozenset({"STORE_FAST", "STORE_NAME"})


def install(patches: Patches) -> None:
    """Let timed waits tell what they answered; inside a run only."""
    for owner, name in (
        (doubles.LockDouble, "acquire"),
        (doubles.RLockDouble, "acquire"),
        (threading.Semaphore, "acquire"),
        (threading.Event, "wait"),
        (threading.Condition, "wait"),
        (threading.Condition, "wait_for"),
    ):
        patches.set(owner, name, _answering(getattr(owner, name)))
    patches.set(threading.Thread, "join", _joining(threading.Thread.join))
    patches.set(threading.Thread, "is_alive", _asking(threading.Thread.is_alive))
    patches.set(threading.Event, "is_set", _asking(threading.Event.is_set))


def _listener() -> tuple[Task, TimeoutFeed] | None:
    task = here.task
    run = task.run if task is not None else None
    if task is None or not isinstance(run, ListenedRun) or run.stopping:
        return None
    feed = next((each for each in run.heard_by if isinstance(each, TimeoutFeed)), None)
    return None if feed is None else (task, feed)


def _answering(original: Any) -> Any:
    @functools.wraps(original)
    def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = original(self, *args, **kwargs)
        found = None if answer else _listener()
        if found is not None:
            found[1].gave_up(found[0], self, sys._getframe(1), original.__name__)
        return answer

    return wait


def _joining(original: Any) -> Any:
    @functools.wraps(original)
    def join(self: threading.Thread, timeout: float | None = None) -> None:
        original(self, timeout)
        found = _listener()
        if found is not None:
            other = getattr(self, "_concurrency_task", None)
            found[1].joined(self, sys._getframe(1), ended=other is None or other.state is ENDED)

    return join


def _asking(original: Any) -> Any:
    @functools.wraps(original)
    def ask(self: Any) -> bool:
        found = _listener()
        if found is not None:
            found[1].asked(self)
        return bool(original(self))

    return ask


class TimeoutFeed(Listener):
    """Keeps the answers that nobody has looked at yet."""

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self._open: dict[int, tuple[Any, Finding]] = {}

    def gave_up(self, task: Task, thing: Any, frame: FrameType, method: str) -> None:
        """Judge a wait that answered False."""
        code, at = frame.f_code, frame.f_lasti
        if not self.run.shared.watch.is_watched(code.co_filename) or not is_discarded(code, at):
            return
        is_event = isinstance(thing, threading.Event)
        if (is_event or isinstance(thing, threading.Condition)) and loop_index.around(code, at)[1]:
            return  # what it waits for is asked again when the loop goes round
        finding = self._finding(thing, frame, method, task.name)
        if is_event:
            self._open[id(thing)] = (thing, finding)
        else:
            self.run.found(task, finding)

    def joined(self, thread: threading.Thread, frame: FrameType, *, ended: bool) -> None:
        """Note a join, and whether the thread has ended."""
        if ended:
            self._open.pop(id(thread), None)
        elif self.run.shared.watch.is_watched(frame.f_code.co_filename):
            who = here.task.name if here.task is not None else ""
            self._open[id(thread)] = (thread, self._finding(thread, frame, "join", who))

    def asked(self, thing: Any) -> None:
        """Note that somebody looks how a thing stands."""
        self._open.pop(id(thing), None)

    def over(self) -> None:
        """Judge what nobody has asked about until the end."""
        if self._open and self.run.finding is None and not self.run.errors:
            self.run.finding = ("oracle", next(iter(self._open.values()))[1])

    def _finding(self, thing: Any, frame: FrameType, method: str, who: str) -> Finding:
        place = self.run.shared.place(frame)
        kind = getattr(thing, "kind", type(thing).__name__) if method != "join" else "Thread"
        name = naming.describe(thing)[0]
        how, instead = _TOLD.get(method, _TOLD["acquire"])
        return Finding(
            "ignored_timeouts",
            f"ignored time-out: {who} goes on after {kind}.{method}() on {name} gave up, at {place}",
            (f"{place}: {place.source}", how),
            instead,
            str(place),
        )


_TOLD: Final = {
    "join": (
        "join(timeout) answers None in any case, and the thread was still running; is_alive() was not asked afterwards",
        "after join(timeout) the thread may still run: ask is_alive(), or join() without a limit",
    ),
    "wait": (
        "it answered False (time was up), and the answer was thrown away",
        "a wait with a limit is a question: `if not event.wait(timeout): ...`, or wait without a limit",
    ),
    "wait_for": (
        "it answered False (time was up), and the answer was thrown away",
        "a wait with a limit is a question: `if not condition.wait_for(ready, timeout): ...`",
    ),
    "acquire": (
        "it answered False (not acquired), and the answer was thrown away",
        "without the answer nobody knows whose the lock is: `if lock.acquire(timeout=1):`, or `with lock:`",
    ),
}


@functools.lru_cache(maxsize=1024)
def is_discarded(code: CodeType, at: int) -> bool:
    """Tell whether the result of a call is thrown away, or put into a name that is never read."""
    following = [each for each in dis.get_instructions(code) if each.offset > at and each.opname != "CACHE"]
    if not following:
        return False
    first = following[0]
    if first.opname == "POP_TOP":
        return True
    if first.opname not in _STORES:
        return False
    name = first.argval
    return not any(
        "LOAD" in each.opname and name in (each.argval if isinstance(each.argval, tuple) else (each.argval,))
        for each in dis.get_instructions(code)
    )
