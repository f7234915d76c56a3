"""Threads that run on when their owner has returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._oracles.oracle import Oracle
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.functions import Functions

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked
    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch


class Outliving(Oracle):
    """Finds threads that nobody has joined when the function that answers for them returns."""

    name = "outliving_threads"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._owners = Functions(plan.oracles.extras["owners"], watch)

    def listens(self, run: ListenedRun) -> Listener:
        """Return what watches the threads of a run."""
        return OutlivingListener(run, self._owners)


class OutlivingListener(Listener):
    """Watches one run for threads that run on when their owner has returned."""

    def __init__(self, run: ListenedRun, owners: Functions) -> None:
        self.run = run
        self.owners = owners
        self._open: list[tuple[Task, FrameType, Task, str]] = []  # owner's task, its frame, thread, where started

    def started(self, task: Task, frame: FrameType | None) -> None:
        """Note who owns a new thread."""
        if task.id == 0:
            return
        starter = self.run.current
        owner = next(self.owners.around(frame), None)
        place = self.run.place_of(frame)
        told = f"started at {place}: {place.source}"
        if owner is not None and starter is not None:
            self._open.append((starter, owner, task, told))
            return
        self._open += [
            (above, its_frame, task, told) for above, its_frame, thread, _ in self._open if thread is starter
        ]
        if not self.owners and starter is not None:
            self._open.append((self.run.root, _bottom(frame), task, told))

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """See whether an owner has returned."""
        self._check(task, frame)

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """See whether an owner has returned."""
        self._check(task, frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """See whether an owner has returned."""
        self._check(task, frame)

    def returned(self) -> None:
        """Judge when the scenario has returned."""
        self._check(self.run.root, None)

    def _check(self, task: Task, frame: FrameType | None) -> None:
        mine = [each for each in self._open if each[0] is task]
        if not mine or (not self.owners and frame is not None):
            return
        stack = []
        while frame is not None:
            stack.append(frame)
            frame = frame.f_back
        for entry in mine:
            owner, child, told = entry[1:]
            if owner in stack:
                continue
            self._open.remove(entry)
            if child.state is not ENDED and self._counts(child):
                self._found(task, owner, child, told)

    def _counts(self, child: Task) -> bool:
        return not child.daemon and not child.outside and (bool(self.owners) or not child.is_pooled)

    def _found(self, task: Task, owner: FrameType, child: Task, told: str) -> None:
        name = stacks.short_name(owner.f_code).rpartition(".")[2] if self.owners else "the scenario"
        frame = child.frame()
        place = self.run.place_of(frame)
        now = f"{child.name} is still at {place}: {place.source}" if place.line else f"{child.name} has not begun yet"
        self.run.found(
            task,
            Found(
                "outliving_threads",
                f"outliving thread: {child.name} still runs when {name} has returned",
                (f"{child.name}, {told}", now),
                "whoever starts a thread is answerable for it: nobody sees its error or its late result any more; "
                "join it before returning (start all, then join all), or use `with ThreadPoolExecutor()`",
                told,
            ),
        )


def _bottom(frame: FrameType | None) -> Any:
    """Return the outermost frame: the scenario has returned when nothing is on the stack any more."""
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame
