"""Work side by side, threads that outlive their owner, turns: what is seen by looking at stacks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.oracles import Finding
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listened import Functions, Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site


class Overlap:
    """Whether two tasks were ever inside some functions at the same time, in all runs together.

    Attributes:
        found: Whether they were.
        callers: Names of the tasks that were seen inside.
        waits: How others waited meanwhile, in words.
    """

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.found = False
        self.callers: dict[str, None] = {}
        self.waits: dict[str, None] = {}


class OverlapFeed(Listener):
    """Watches one run for two tasks inside the functions."""

    def __init__(self, run: ListenedRun, overlap: Overlap) -> None:
        self.run = run
        self.overlap = overlap
        self._inside: set[int] = set()

    def entered(self, task: Task, code: CodeType) -> None:
        """Offer a switch at the beginning of the function, as it may have no other."""
        if code in self.overlap.functions:
            self.run.reach(task, ("enter", ()))

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Look where a task is."""
        self._look(task, frame)

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Look where a task is."""
        self._look(task, frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Look where a task is, and what it waits for while another is inside."""
        self._look(task, frame)
        others = [number for number in self._inside if number != task.id]
        if (
            others
            and not self.overlap.found
            and isinstance(target, Resource)
            and not getattr(target, "is_waiter", False)
        ):
            place = self.run.shared.place(frame)
            name = naming.describe(target)[0]
            who = self.run.tasks[others[0]].name
            self.overlap.waits[f"while {who} is inside, {task.name} waits for {name} at {place}: {place.source}"] = None

    def _look(self, task: Task, frame: FrameType | None) -> None:
        if self.overlap.found:
            return
        if next(self.overlap.functions.around(frame), None) is None:
            self._inside.discard(task.id)
            return
        self._inside.add(task.id)
        self.overlap.callers[task.name] = None
        self.overlap.found = sum(self.run.tasks[number].state is not ENDED for number in self._inside) > 1


class OutlivingFeed(Listener):
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
        place = self.run.shared.place(frame)
        told = f"started at {place}: {place.source}"
        if owner is not None and starter is not None:
            self._open.append((starter, owner, task, told))
            return
        self._open += [
            (above, its_frame, task, told) for above, its_frame, thread, _ in self._open if thread is starter
        ]
        if not self.owners and starter is not None:
            self._open.append((self.run.root, stacks_bottom(frame), task, told))

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
        thread: Any = child.thread
        if child.daemon or child.outside:
            return False
        pools: Any = sys.modules.get("concurrent.futures.thread")
        return bool(self.owners) or pools is None or thread not in pools._threads_queues

    def _found(self, task: Task, owner: FrameType, child: Task, told: str) -> None:
        name = stacks.short_name(owner.f_code).rpartition(".")[2] if self.owners else "the scenario"
        frame = sys._current_frames().get(child.ident)
        place = self.run.shared.place(frame)
        now = f"{child.name} is still at {place}: {place.source}" if place.line else f"{child.name} has not begun yet"
        self.run.found(
            task,
            Finding(
                "outliving_threads",
                f"outliving thread: {child.name} still runs when {name} has returned",
                (f"{child.name}, {told}", now),
                "whoever starts a thread is answerable for it: nobody sees its error or its late result any more; "
                "join it before returning (start all, then join all), or use `with ThreadPoolExecutor()`",
                told,
            ),
        )


def stacks_bottom(frame: FrameType | None) -> Any:
    """Return the outermost frame: the scenario has returned when nothing is on the stack any more."""
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


class StarvationFeed(Listener):
    """Counts the turns of others while a task waits; means something only under a fair schedule."""

    def __init__(self, run: ListenedRun, turns: Functions, bound: int) -> None:
        self.run = run
        self.turns = turns
        self.bound = bound
        self._waits: dict[int, str] = {}  # where a task waits for its turn
        self._taken: dict[tuple[int, int], int] = {}  # (who waits, who has turns): how many

    def entered(self, task: Task, code: CodeType) -> None:
        """Count a turn."""
        if code in self.turns:
            self._turn(task, list(self._waits), "had its turn")
            self._done(task)

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Count a lock that is taken while others wait for it."""
        if op[0] == "try" and self.turns:
            self._wait(task, frame)
        elif op[0] == "acquire" and not self.turns:
            self._done(task)
            waiting = [
                other.id for other in self.run.tasks
                if other is not task and isinstance(other.waits_for, Resource) and other.waits_for.op_take is op
                and other.id in self._waits
            ]  # fmt: skip
            self._turn(task, waiting, "got the lock")

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note that a task waits for its turn."""
        if isinstance(target, Resource):
            self._wait(task, frame)

    def _wait(self, task: Task, frame: FrameType | None) -> None:
        if task.id not in self._waits and (not self.turns or task is not self.run.root):
            place = self.run.shared.place(frame)
            self._waits[task.id] = f"{task.name} waits at {place}: {place.source}"

    def _done(self, task: Task) -> None:
        self._waits.pop(task.id, None)
        for pair in [pair for pair in self._taken if pair[0] == task.id]:
            del self._taken[pair]

    def _turn(self, task: Task, waiting: list[int], did: str) -> None:
        for number in waiting:
            other = self.run.tasks[number]
            if other is task or other.state is ENDED:
                continue
            times = self._taken[number, task.id] = self._taken.get((number, task.id), 0) + 1
            if times > self.bound:
                place = self.run.shared.place(sys._getframe(1))
                self.run.found(
                    task,
                    Finding(
                        "starvation",
                        f"starvation: {other.name} waits while {task.name} {did} {times} times",
                        (self._waits[number], f"{task.name} {did} at {place}: {place.source}",
                         "every task that could go on was let on in turn"),
                        "who comes first must not depend on luck: let those who wait go first (a queue of waiters, "
                        "a ticket number, or a limit on how often one may go before the others)",
                        self._waits[number],
                    ),
                )  # fmt: skip
