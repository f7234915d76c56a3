"""What a step of an event loop must not do: keep the whole loop waiting, or keep a lock of threads while it awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import Sleep, Task
from pytest_concurrency._oracles.oracle import Oracle
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.listened import ListenedRun

_TAKES: Final = frozenset({"acquire", "try"})


class BlockingCalls(Oracle):
    """Finds calls in a step of a loop that wait, while time passes for everybody in that loop."""

    name = "blocking_calls"

    def listens(self, run: ListenedRun) -> Listener:
        """Return what watches the steps of a run."""
        return BlockingListener(run)


class LocksAcrossAwaits(Oracle):
    """Finds locks of threads that a task has taken and still holds when it awaits."""

    name = "locks_across_awaits"

    def listens(self, run: ListenedRun) -> Listener:
        """Return what watches the steps of a run."""
        return LocksListener(run)


class StepListener(Listener):
    """Knows whose step each thread is at."""

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self.at: dict[int, Task] = {}  # by the number of a thread, who has a step there

    def stepping(self, task: Task, part: Task) -> None:
        """Note whose step begins."""
        self.at[task.id] = part

    def stepped(self, task: Task, part: Task, *, ended: bool) -> None:
        """Note that it is over."""
        self.at.pop(task.id, None)


class BlockingListener(StepListener):
    """Watches one run for calls that wait in a step of a loop."""

    def __init__(self, run: ListenedRun) -> None:
        super().__init__(run)
        self._waits: dict[int, tuple[int, Place, str]] = {}  # by thread: since when, where, in which call

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note that a step begins to wait."""
        if task.id in self.at:
            user = stacks.user_frame(frame, self.run.watch)
            place = self.at[task.id].started_at() if user is None else stacks.frame_place(user)
            self._waits[task.id] = self.run.clock.now_ns, place, self._call(target, frame)

    def does(self, task: Task, op: Operation) -> None:
        """Judge a wait that is over: one in which no time has passed is none."""
        began, place, call = self._waits.pop(task.id, (None, None, ""))
        part = self.at.get(task.id)
        if began is None or part is None or self.run.stopping:
            return
        seconds = (self.run.clock.now_ns - began) / 1e9
        if seconds > 0:
            self.run.found(task, self._found(part, call, place, seconds))

    def _call(self, target: object, frame: FrameType | None) -> str:
        if isinstance(target, Sleep):
            return "time.sleep"
        method, owner = stacks.inner_call(frame, self.run.watch)
        if isinstance(target, Task):
            return f"{type(owner).__name__ if owner is not None else 'Thread'}.{method or 'join'}"
        if isinstance(target, Resource):
            waiting = naming.waiting_at(target, method, owner, (), stacks.user_frame(frame, self.run.watch))
            return f"{waiting.action} on {waiting.target}"
        return method or "a call"

    def _found(self, part: Task, call: str, place: Place | None, seconds: float) -> Found:
        word = part.word if part.word in _INSTEAD else "Task"
        return Found(
            "blocking_calls",
            f"blocking call: {part.name} keeps its event loop waiting for {seconds:g} s in {call}",
            (f"at {place}: {place.source if place else ''}",),
            f"no other {word.lower()} of the loop can go on meanwhile, and no time-out comes: use {_INSTEAD[word]}",
            str(place),
        )


_INSTEAD: Final = {
    "Task": "what can be awaited (asyncio.sleep, asyncio.Queue, asyncio.Lock), or `await asyncio.to_thread(...)`",
    "Greenlet": "gevent's own (gevent.sleep, gevent.queue, gevent.lock), or `gevent.get_hub().threadpool.apply(...)`",
}


class LocksListener(StepListener):
    """Watches one run for locks that are held when a step ends."""

    def __init__(self, run: ListenedRun) -> None:
        super().__init__(run)
        self._taken: dict[int, tuple[Task | None, Place]] = {}  # by the number of a lock: in whose step, where

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Note where a lock is asked for."""
        if op[0] in _TAKES:
            self._note(task, self.run.resource_of(op), frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note where a lock is waited for."""
        if isinstance(target, Resource):
            self._note(task, target, frame)

    def _note(self, task: Task, lock: Resource, frame: FrameType | None) -> None:
        self._taken[lock.number] = self.at.get(task.id), self.run.place_of(frame)

    def stepped(self, task: Task, part: Task, *, ended: bool) -> None:
        """Judge what is held when a task awaits."""
        super().stepped(task, part, ended=ended)
        for lock in () if ended else self.run.resources:
            who, taken = self._taken.get(lock.number, (None, None))
            if lock.holder is task and not lock.inner and who is part and taken is not None:
                self.run.found(task, self._found(part, lock, taken))

    def _found(self, part: Task, lock: Resource, taken: Place) -> Found:
        name, place = naming.describe(lock)[0], stacks.frame_place(part.stands_at())
        return Found(
            "locks_across_awaits",
            f"lock across an await: {part.name} awaits while it holds {name}",
            (f"taken at {taken}: {taken.source}", f"and awaits at {place}: {place.source}"),
            "another task of the loop that wants it stops the whole loop, so that nobody ever gives it back; if it is "
            "reentrant it lets that task in instead: give it back before the await, or use asyncio.Lock",
            str(place),
        )
