"""Finalisers and weak callbacks that take a lock which their own thread may hold when the collector comes."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._oracles.oracle import EARLY_RUNS, Oracle, random_order
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

_TAKES: Final = frozenset({"acquire", "try"})


class Finalisers(Oracle):
    """Lets the collector come while locks are held, in some further schedules and in replays."""

    name = "finalisers"
    knows_every_lock = True

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._collects = False

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen where the collector is to come."""
        self._hears = self._collects or replay
        return self._hears

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what calls the collector in a run."""
        return FinaliserListener(run) if self._hears else None

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Let the collector come in some further schedules."""
        most = min(self.plan.schedules, EARLY_RUNS)
        self._collects = True
        try:
            for number, record in enumerate(explorer.runs(random_order(self.plan), most, explorer.limit()), 1):
                if record.failed:
                    return explorer.investigate(record, explorer.count + number)
        finally:
            self._collects = False
        return verdict


class FinaliserListener(Listener):
    """Calls the collector in one run wherever a task that holds a lock gives one back or touches something."""

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self._taken: dict[int, Place] = {}  # by the number of a lock, where it was asked for last
        self._came: dict[int, Place] = {}  # by the task in which the collector is at work, where it came

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Note where a lock is asked for, and let the collector come before one is given back."""
        if op[0] in _TAKES:
            self._taken[self.run.resource_of(op).number] = self.run.place_of(frame)
        elif op[0] == "release":
            self._collect(task, frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Judge a wait of a finaliser, and note where a lock is asked for."""
        if not isinstance(target, Resource):
            return
        came = self._came.get(task.id)
        if came is not None and target.holder is task and not self.run.clock.waits(task.id):
            self.run.found(task, self._found(task, target, came, frame))
        self._taken[target.number] = self.run.place_of(frame)

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Let the collector come before an access under a lock."""
        self._collect(task, frame)

    def _collect(self, task: Task, frame: FrameType | None) -> None:
        run = self.run
        if task.id in self._came or not any(each.holder is task and not each.inner for each in run.resources):
            return
        self._came[task.id] = run.place_of(frame)
        try:
            gc.collect()
        finally:
            del self._came[task.id]
        if run.stopping:  # what unwinds a task does not leave a finaliser
            raise run.unwind(task)

    def _found(self, task: Task, lock: Resource, came: Place, frame: FrameType | None) -> Found:
        user = stacks.user_frame(frame, self.run.watch)
        place = stacks.frame_place(user)
        who = stacks.short_name(user.f_code) if user is not None else "a finaliser"
        name, taken = naming.describe(lock)[0], self._taken.get(lock.number)
        return Found(
            "finalisers",
            f"finaliser under a lock: {who} waits for ever for {name}, which its own thread {task.name} holds",
            (
                f"{task.name} took {name} at {taken}: {taken.source}"
                if taken is not None
                else f"{task.name} has {name}",
                f"the collector came at {came}: {came.source}",
                f"and {who} asks for {name} at {place}: {place.source}",
            ),
            "the collector may come wherever something is made, and runs finalisers and weak callbacks in that thread: "
            "let them take no lock, but put what is to be done into a queue.SimpleQueue, or use an RLock if the state "
            "is whole at every step",
            str(place),
        )
