"""Work that could overlap and never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._oracles.oracle import Oracle, random_order
from pytest_concurrency._sight.functions import Functions

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

RUNS: Final = 30


class Serialised(Oracle):
    """Finds functions that are never in two tasks at once, in no schedule."""

    name = "serialised"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self.enters = plan.oracles.extras["overlapping"]
        self._overlap = Overlap(Functions(self.enters, watch))

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen to every run, if there is anything to look for."""
        return bool(self._overlap.functions)

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what looks for two tasks inside the functions."""
        return OverlapListener(run, self._overlap) if self._overlap.functions else None

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Give it some more schedules, and tell it if it still has not happened."""
        overlap = self._overlap
        if not overlap.functions:
            return verdict
        for _ in explorer.runs(random_order(self.plan), RUNS, explorer.limit()):
            if overlap.found:
                break
        if overlap.found:
            return verdict
        names = " or ".join(each if isinstance(each, str) else explain.name_of(each) for each in self.enters)
        who = ", ".join(overlap.callers)
        report = explain.told(
            f"serialised: in no schedule were two tasks inside {names} at the same time",
            (f"called by {who}" if who else "nobody was seen inside it", *list(overlap.waits)[:4]),
            "the work could overlap and does not: hold a lock only while shared data is touched, start all "
            "threads before joining the first, submit all jobs before asking for the first result",
        )
        return self.failed(explorer, report)


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

    def inside(self, name: str, *, is_found: bool) -> None:
        """Note who is inside, and whether another is."""
        self.callers[name] = None
        self.found = is_found


class OverlapListener(Listener):
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
        if others and not self.overlap.found and isinstance(target, Resource) and not target.inner:
            place = self.run.place_of(frame)
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
        is_found = sum(self.run.tasks[number].state is not ENDED for number in self._inside) > 1
        self.overlap.inside(task.name, is_found=is_found)
