"""The detailed record of one run: every point by name, the switches taken, the lanes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.schedule import Follower, Switch, Where, usual
from pytest_concurrency._core.telling.report import LaneStep, Place
from pytest_concurrency._engine import naming
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

MAX_LANES = 20_000


class Recorder:
    """Watches one run; with a follower it also steers it.

    Attributes:
        switches: The decisions that differ from "go on, else the lowest number", in order.
        lanes: One entry per step of a task, in order.
        follower: The schedule to follow; None where a strategy decides.
    """

    def __init__(self, watch: Watch, follower: Follower | None = None) -> None:
        self.watch = watch
        self.follower = follower
        self.switches: list[Switch] = []
        self.lanes: list[LaneStep] = []
        self._counts = follower or Follower(())
        self._last: tuple[int, Where] = (0, Where("", 0, "begin"))
        self._nth: dict[tuple[int, Where], int] = {}
        self._open: dict[int, tuple[int, Any]] = {}
        self._sites: list[int] = []
        self._names: dict[int, str] = {}

    @property
    def steers(self) -> bool:
        """Whether this run follows a recorded schedule."""
        return self.follower is not None

    def arrive(self, task: Task, op: Operation) -> None:
        """Note that a task has come to a point where it could be left."""
        self._close(task)
        frame = stacks.user_frame(sys._getframe(2), self.watch) if op[0] != "end" else None
        where = stacks.where(frame, op[0])
        place = stacks.frame_place(frame) if frame is not None else Place("", 0)
        task.where = (where, place, task.site)
        task.site = -1
        self._last = (task.id, where)
        self._nth[self._last] = self._nth.get(self._last, 0) + 1
        if self.follower is not None:
            self.follower.arrive(task.id, where)

    def choose(self, runnable: list[int], current: int | None) -> int | None:
        """Answer who goes next if this run follows a schedule, else None."""
        if self.follower is None:
            return None
        to = self.follower.answer(*self._last)
        if to is not None and to in runnable:
            return to
        able = [task for task in runnable if task >= 0]
        if current is not None:
            return current
        return None if not able else able[0]

    def chose(self, current: int | None, chosen: int, runnable: list[int]) -> None:
        """Note a decision, if it is not the one that needs no record."""
        if chosen != usual(runnable, current):
            task, where = self._last
            self.switches.append(Switch(task, where, self._nth.get(self._last, 0), chosen))

    def pick(self, task: Task, options: int) -> int | None:
        """Answer which waiter is woken if this run follows a schedule, else None."""
        self._note_pick(task)
        if self.follower is None:
            return None
        chosen = self.follower.answer(*self._last)
        return chosen if chosen is not None and chosen < options else 0

    def _note_pick(self, task: Task) -> None:
        frame = stacks.user_frame(sys._getframe(3), self.watch)
        self._last = (task.id, stacks.where(frame, "pick"))
        self._nth[self._last] = self._nth.get(self._last, 0) + 1
        if self.follower is not None:
            self.follower.arrive(*self._last)

    def picked(self, task: Task, chosen: int) -> None:
        """Note which waiter was woken."""
        if chosen:
            self.switches.append(Switch(*self._last, self._nth[self._last], chosen))

    def begins(self, task: Task) -> None:
        """Note a task's first step."""
        thread: Any = task.thread
        target = getattr(thread, "_target", None)
        given = [target, *getattr(thread, "_args", ())]
        codes = [getattr(each, "__code__", None) for each in given]
        ours = [c for c in codes if c is not None and self.watch.is_watched(c.co_filename)]
        place = stacks.place_of(ours[0], ours[0].co_firstlineno) if ours else Place("", 0)
        self._add(task, LaneStep(task.name, place, "begins"), -1)

    def does(self, task: Task, op: Operation, value: str = "") -> None:
        """Note that a task now does what it announced."""
        if op[0] == "started":
            return  # nothing happens there: it is only a place to go first for the new task
        _, place, site = task.where if task.where is not None else (None, Place("", 0), -1)
        what = "ends" if op[0] == "end" else naming.operation(op, task)
        self._add(task, LaneStep(task.name, place, what, value), site)

    def will_write(self, task: Task, read: Any) -> None:
        """Ask for the written value once the task has written it."""
        self._open[task.id] = (len(self.lanes) - 1, read)

    def has_read(self, value: str) -> None:
        """Put the value read into the last step."""
        if self.lanes:
            step = self.lanes[-1]
            self.lanes[-1] = LaneStep(step.task, step.place, step.what, value)

    def _close(self, task: Task) -> None:
        at, read = self._open.pop(task.id, (-1, None))
        if at >= 0:
            step = self.lanes[at]
            self.lanes[at] = LaneStep(step.task, step.place, step.what, read())

    def _add(self, task: Task, step: LaneStep, site: int) -> None:
        self._names[task.id] = task.name
        if len(self.lanes) < MAX_LANES:
            self.lanes.append(step)
            self._sites.append(site)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the tasks that did anything, in the order of their start."""
        return tuple(name for _, name in sorted(self._names.items()))

    def told(self, relevant: set[int]) -> tuple[LaneStep, ...]:
        """Return the steps worth telling: what others can see, and where a task was left."""
        last = len(self.lanes) - 1
        return tuple(
            step
            for number, (step, site) in enumerate(zip(self.lanes, self._sites, strict=True))
            if site < 0 or site in relevant or (number < last and self.lanes[number + 1].task != step.task)
        )
