"""Timed waits that gave up while nobody looked at their answer."""

from __future__ import annotations

import dis
import functools
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._oracles.loop_index import loop_index
from pytest_concurrency._oracles.oracle import Oracle, early_deadlines

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Explorer

_STORES: Final = frozenset({"STORE_FAST", "STORE_NAME"})


class Timeouts(Oracle):
    """Finds waits that gave up and whose task goes on as if they had not."""

    name = "ignored_timeouts"
    hears_answers = True

    def listens(self, run: ListenedRun) -> Listener:
        """Return what hears the answers of a run."""
        return TimeoutListener(run)

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Let waits give up that others would end."""
        return early_deadlines(explorer, self.plan, verdict)


class TimeoutListener(Listener):
    """Keeps the answers that nobody has looked at yet."""

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self._open: dict[int, tuple[Any, Found]] = {}

    def answered(self, task: Task, thing: Any, frame: FrameType, method: str, *, gave_up: bool) -> None:
        """Judge a wait that answered False, and note a join whose thread still runs."""
        if method == "join":
            self._joined(task, thing, frame, gave_up=gave_up)
        elif gave_up:
            self._judge(task, thing, frame, method)

    def _judge(self, task: Task, thing: Any, frame: FrameType, method: str) -> None:
        code, at = frame.f_code, frame.f_lasti
        if not self.run.watch.is_watched(code.co_filename) or not is_discarded(code, at):
            return
        is_event = isinstance(thing, threading.Event)
        if (is_event or isinstance(thing, threading.Condition)) and loop_index.around(code, at)[1]:
            return  # what it waits for is asked again when the loop goes round
        found = self._told(thing, frame, method, task.name)
        if is_event:
            self._open[id(thing)] = (thing, found)
        else:
            self.run.found(task, found)

    def _joined(self, task: Task, thread: threading.Thread, frame: FrameType, *, gave_up: bool) -> None:
        if not gave_up:
            self._open.pop(id(thread), None)
        elif self.run.watch.is_watched(frame.f_code.co_filename):
            self._open[id(thread)] = (thread, self._told(thread, frame, "join", task.name))

    def asked(self, task: Task, thing: Any) -> None:
        """Note that somebody looks how a thing stands."""
        self._open.pop(id(thing), None)

    def over(self) -> None:
        """Judge what nobody has asked about until the end."""
        for _, found in list(self._open.values())[:1]:
            self.run.found_at_end(found)

    def _told(self, thing: Any, frame: FrameType, method: str, who: str) -> Found:
        place = self.run.place_of(frame)
        kind = getattr(thing, "kind", type(thing).__name__) if method != "join" else "Thread"
        name = naming.describe(thing)[0]
        how, instead = _WORDS.get(method, _WORDS["acquire"])
        return Found(
            "ignored_timeouts",
            f"ignored time-out: {who} goes on after {kind}.{method}() on {name} gave up, at {place}",
            (f"{place}: {place.source}", how),
            instead,
            str(place),
        )


_WORDS: Final = {
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
