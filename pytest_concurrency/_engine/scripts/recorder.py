"""The detailed record of one run: every point by name, the switches taken, the lanes."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.operations import known_as
from pytest_concurrency._core.schedule import Switch, Where, usual
from pytest_concurrency._core.telling.report import LaneStep, Place
from pytest_concurrency._core.verbs import SILENT, verb_of
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.scripts.drawing import Drawing
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Container
    from types import FrameType

    from pytest_concurrency._core.operations import Access, Operation
    from pytest_concurrency._core.telling.report import Picture
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

MAX_LANES = 20_000
_NOWHERE = Place("", 0)


class Recorder:
    """Writes down one run.

    Args:
        watch: Whose code is the user's.
        draws: Whether to look after every step who has what and who waits, which takes longer than the step.

    Attributes:
        switches: The decisions that differ from "go on, else the lowest number", in order.
        lanes: One entry per step of a task, in order.
        touched: For each of them what it touched; None where that is not known.
    """

    def __init__(self, watch: Watch, *, draws: bool = False) -> None:
        self.watch = watch
        self.switches: list[Switch] = []
        self.lanes: list[LaneStep] = []
        self.touched: list[tuple[Access, ...] | None] = []
        self._last: tuple[int, Where] = (0, Where("", 0, "begin"))
        self._nth: Counter[tuple[int, Where]] = Counter()
        self._announced: dict[int, tuple[int, str]] = {}  # the site of the access that a task is about to announce
        self._at: dict[int, tuple[Place, int, str]] = {}
        self._verbs: dict[int, str] = {}
        self._open: dict[int, tuple[int, Any]] = {}
        self._sites: list[int] = []
        self._left_at: set[int] = set()  # sites where a task was left that could go on
        self._names: dict[int, str] = {}
        self._acting: dict[int, Task] = {}
        self._numbered: set[str] = set()  # names that several objects have
        self._drawing = Drawing() if draws else None

    # -- what happens

    def announces(self, task: Task, site: int, of: str) -> None:
        """Note at which site of watched code a task is about to arrive, and an item of what it touches there."""
        self._announced[task.id] = (site, of)

    def arrive(self, task: Task, op: Operation) -> tuple[Where, Place]:
        """Note that a task has come to a point where it could be left; return where that is."""
        self._close(task)
        if self._drawing is not None:
            self._drawing.look(task.run, len(self.lanes))
        frame = None
        if op[0] != "end":
            frame = task.stands_at() or stacks.user_frame(sys._getframe(2), self.watch)
        where = stacks.where(frame, known_as(op))
        place = self._place(task, frame)
        self._at[task.id] = (place, *self._announced.pop(task.id, (-1, "")))
        self._verbs[task.id] = op[0]
        self._comes_to(task, where)
        return where, place

    def _place(self, task: Task, frame: FrameType | None) -> Place:
        """Return where a task is: nowhere in code that has called the scenario, and not in what pytest does for it."""
        watched = stacks.watched_frame(frame, self.watch)
        if frame is not None and stacks.is_pytests(frame):
            frame = watched
        if frame is None or (watched is None and task is task.run.root):
            return _NOWHERE
        place = stacks.frame_place(frame)
        if self._drawing is not None:
            self._drawing.lies(place.file, frame.f_code.co_filename)
        return place

    def _comes_to(self, task: Task, where: Where) -> None:
        self._last = (task.id, where)
        self._nth[self._last] += 1

    def at_pick(self, task: Task) -> Where:
        """Note that a waiter is about to be chosen; return where that is."""
        where = stacks.where(stacks.frame_of_run(sys._getframe(2), self.watch), "pick")
        self._comes_to(task, where)
        return where

    def chose(self, current: int | None, chosen: int, runnable: list[int]) -> None:
        """Note a decision, if it is not the one that needs no record."""
        if chosen != usual(runnable, current):
            self._switch(chosen)
        self.goes_next(current, chosen)

    def goes_next(self, current: int | None, chosen: int) -> None:
        """Note where a task is left that could go on: that is worth telling."""
        if current is not None and chosen != current:
            self._left_at.add(self._at.get(current, (_NOWHERE, -1))[1])

    def picked(self, chosen: int) -> None:
        """Note which waiter was woken, where it is not the first."""
        self._switch(chosen)

    def _switch(self, to: int) -> None:
        self.switches.append(Switch(*self._last, self._nth[self._last], to))

    def begins(self, task: Task) -> None:
        """Note a task's first step."""
        ours = [code for code in task.entries() if self.watch.is_watched(code.co_filename)]
        place = stacks.place_of(ours[0], ours[0].co_firstlineno) if ours else _NOWHERE
        if ours and self._drawing is not None:
            self._drawing.lies(place.file, ours[0].co_filename)
        self._add(task, LaneStep(task.name, place, "begins"), -1)

    def acts_for(self, host: Task, task: Task) -> None:
        """Note that what a thread does from now on is a step of `task`, which lives in it, or its own doing again."""
        self._acting[host.id] = task

    def acting(self, task: Task) -> Task:
        """Return who it is that acts in a thread."""
        return self._acting.get(task.id, task)

    def goes_on(self, task: Task, place: Place, what: str) -> None:
        """Note that a task goes on that lives in another's thread."""
        self._close(task.body)
        self._add(task, LaneStep(task.name, place, what), -1)

    def does(self, task: Task, op: Operation) -> None:
        """Note that a task now does what it announced."""
        if op[0] in SILENT or task.is_gone:
            return
        place, site, of = self._at.get(task.id, (_NOWHERE, -1, ""))
        what = "ends" if op[0] == "end" else self._operation(op, task) + (f" of {of}" if of else "")
        task = self._acting.get(task.id, task)
        self._add(task, LaneStep(task.name, place, what, ""), site, op[1])

    def _operation(self, op: Operation, task: Task) -> str:
        """Say what a task does; what others did with an object before there was another of its name gets its number."""
        told = naming.operation(op, task)
        number = naming.number_of(task.waits_for)
        name = told.removesuffix(number).partition(" ")[2]
        if number and name not in self._numbered:
            self._numbered.add(name)
            for at, (step, touched) in enumerate(zip(self.lanes, self.touched, strict=True)):
                key: Any = touched[0][0] if touched and step.what.endswith(f" {name}") else ("", 0)
                if key[0] == "sync" and key[1] > 0:  # else it is of another process
                    known = task.run.resources[key[1] - 1]
                    self.lanes[at] = replace(step, what=step.what + naming.number_of(known))
        return told

    def will_write(self, task: Task, read: Any) -> None:
        """Ask for the written value once the task has written it."""
        self._open[task.id] = (len(self.lanes) - 1, read)

    def has_written(self, task: Task) -> None:
        """Put what a task has written into its last step, as none will follow."""
        self._close(task)

    def has_read(self, value: str) -> None:
        """Put the value read into the last step."""
        if self.lanes:
            self._put(len(self.lanes) - 1, value)

    def gave_up(self, task: Task, timeout_ns: int) -> None:
        """Note that the wait with which a task's last step began ended because its time was up."""
        if self._verbs.get(task.id) in SILENT:  # a loop that waits for its next timer
            return
        if self.lanes and self.lanes[-1].task in (task.name, self.acting(task).name):
            step = self.lanes[-1]
            what = f"gave up after {timeout_ns / 1e9:g} s"
            self.lanes[-1] = LaneStep(step.task, step.place, what, step.value)
            self.touched[-1] = ()

    def taken_at(self, task: Task, key: object) -> Place | None:
        """Return where a task last took what has this key; None where it had it before."""
        step = self.taker((task.name,), key)
        return None if step is None else step.place

    def taker(self, names: Container[str], key: object) -> LaneStep | None:
        """Return the step in which one of these last took what has this key; None where they had it before."""
        for step, touched in zip(reversed(self.lanes), reversed(self.touched), strict=True):
            is_it = step.task in names and bool(touched) and touched[0][0] == key  # type: ignore[index]
            if is_it and verb_of(step.what.partition(" ")[0]).takes:
                return step
        return None

    def _close(self, task: Task) -> None:
        at, read = self._open.pop(task.id, (-1, None))
        if at >= 0:
            self._put(at, read())

    def _put(self, at: int, value: str) -> None:
        step = self.lanes[at]
        self.lanes[at] = LaneStep(step.task, step.place, step.what, value)

    def _add(self, task: Task, step: LaneStep, site: int, touched: tuple[Access, ...] | None = ()) -> None:
        self._names[task.id] = task.name
        if len(self.lanes) < MAX_LANES:
            self.lanes.append(step)
            self._sites.append(site)
            self.touched.append(touched)

    # -- what is told

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the tasks that did anything, in the order of their start."""
        return tuple(dict.fromkeys(name for _, name in sorted(self._names.items())))

    def told(self, relevant: set[int]) -> tuple[LaneStep, ...]:
        """Return the steps worth telling: what others can see, and where a task was left."""
        return tuple(self.lanes[number] for number in self._told(relevant))

    def picture(self, relevant: set[int]) -> Picture | None:
        """Return what can be drawn beside these steps; None where nobody asked for it."""
        if self._drawing is None:
            return None
        return self._drawing.picture(self.lanes, self.touched, self._told(relevant))

    def _told(self, relevant: set[int]) -> list[int]:
        relevant = relevant | self._left_at

        def is_told(number: int) -> bool:
            return self._sites[number] < 0 or self._sites[number] in relevant

        # A call of which nothing is known touches nothing: only where a task was left there it counts.
        steps = [number for number in range(len(self.lanes)) if is_told(number) or self.touched[number] != ()]
        tasks = [self.lanes[number].task for number in steps]
        is_last = [task != after for task, after in pairwise([*tasks, tasks[-1] if tasks else ""])]
        return [number for number, last in zip(steps, is_last, strict=True) if last or is_told(number)]
