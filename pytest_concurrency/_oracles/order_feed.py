"""Hears in which order the tasks of a run take locks, join each other and wait for items."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.detectors.lock_order import Held, LockOrder
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import Task
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.listened import ListenedRun


MAX_TAKEN: Final = 50  # locks of one task that are remembered as taken before it puts something

Names = dict[Any, tuple[str, "Place | None"]]


class OrderListener(Listener):
    """Listens to one run.

    A task counts as something that it holds itself until its end, as others may join it; an item
    of a queue counts as held by who will put it.

    Attributes:
        book: The orders.
        names: What the classes of locks are called, and where these are made.
    """

    def __init__(self, run: ListenedRun) -> None:
        self._run = run
        self._watch = run.watch
        self.book = LockOrder()
        self.names: Names = {}
        self._places: dict[int, Any] = {}
        self._taken: dict[int, list[Held]] = {}
        self._has_put: set[tuple[int, int]] = set()

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        if op[0] in ("acquire", "get", "put"):
            self._meets(task, self._run.resource_of(op), op[0], frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        if isinstance(target, Resource):
            self._meets(task, target, target.takes, frame)
        elif isinstance(target, Task) and not self._run.clock.waits(task.id):
            self._want(task, self._as_task(target), frame)

    def _meets(self, task: Task, double: Resource, verb: str, frame: FrameType | None) -> None:
        if verb == "acquire":
            self._takes(task, double, frame)
        elif verb in ("get", "put"):
            self._hands(task, double, verb, frame)

    def _takes(self, task: Task, double: Resource, frame: FrameType | None) -> None:
        if double.inner:
            return
        number = double.number
        inside = double.part_of
        if isinstance(inside, queue.Queue):
            call = stacks.inner_call(frame, self._watch)[0]
            if call in ("get", "put"):
                self._hands(task, double, call, frame)
            return
        kind = double.lock_class(number)
        self._name(kind, double)
        wanted = Held(number, kind, self._place(frame))
        if not self._run.clock.waits(task.id):
            self._want(task, wanted, frame)
        self._places[number] = wanted.place
        taken = self._taken.setdefault(task.id, [])
        if len(taken) < MAX_TAKEN:
            taken.append(wanted)

    def _hands(self, task: Task, double: Resource, call: str, frame: FrameType | None) -> None:
        """Note that a task waits for an item, or what it took before it puts one."""
        number = double.number
        kind = ("queue", double.made)
        self._name(kind, double)
        thing = Held(number, kind, self._place(frame))
        own = self._of_one_queue(double)
        if call == "get":
            if not self._run.clock.waits(task.id):
                self._want(task, thing, frame, own)
        elif (task.id, number) not in self._has_put:
            self._has_put.add((task.id, number))
            for lock in self._taken.get(task.id, ()):
                if lock.number not in own:
                    self.book.took((task.id, task.name), [thing], lock)

    def _of_one_queue(self, double: Resource) -> set[int]:
        """Return the numbers of the locks that a queue of multiprocessing has around its pipe: the order is its own."""
        if double.kind != "Connection" or not double.made[1]:
            return set()
        return {each.number for each in self._run.resources if each.made == double.made}

    def _want(self, task: Task, wanted: Held, _frame: FrameType | None, own: Collection[int] = ()) -> None:
        # The lock inside a condition's wait stays taken when the wait is over, and nobody asks for it again.
        mine = [
            each for each in self._run.resources if each.holder is task and not each.inner and each.number not in own
        ]
        held = [self._as_held(each) for each in mine]
        if held or wanted.number > 0:
            self.book.took((task.id, task.name), [*held, self._as_task(task)], wanted)

    def _as_held(self, double: Resource) -> Held:
        number = double.number
        kind = double.lock_class(number)
        self._name(kind, double)
        return Held(number, kind, self._places.get(number, ("", 0)))

    def _as_task(self, task: Task) -> Held:
        kind = ("thread", task.id)
        self.names.setdefault(kind, (f"thread {task.name}", None))
        return Held(-1 - task.id, kind, ("", 0))

    def _name(self, kind: Any, double: Resource) -> None:
        if kind not in self.names:
            self.names[kind] = naming.describe(double)

    def _place(self, frame: FrameType | None) -> Any:
        user = stacks.user_frame(frame, self._watch)
        return ("", 0) if user is None else (user.f_code, user.f_lineno)
