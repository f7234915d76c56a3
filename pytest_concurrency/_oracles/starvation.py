"""Tasks that wait while another has its turn again and again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._core.strategies.fair import FairTurns
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._oracles.oracle import Oracle
from pytest_concurrency._sight.functions import Functions

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.watching import Watch

FAIR_RUNS: Final = 8


class Starvation(Oracle):
    """Counts turns in a few fair schedules: in others it is the schedule that starves somebody."""

    name = "starvation"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self.enters = plan.oracles.extras["turns"]
        self._turns = Functions(self.enters, watch)
        self._is_fair = False

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen to fair schedules only."""
        return self._is_fair

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what counts the turns of a fair schedule."""
        return StarvationListener(run, self._turns, self.plan.oracles.extras["bound"]) if self._is_fair else None

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Try fair schedules."""
        limit = explorer.limit()
        self._is_fair = True
        try:
            for turn in range(1, FAIR_RUNS + 1):
                for record in explorer.runs(FairTurns(turn), 1, limit):
                    if record.found is not None:
                        lanes = explorer.lanes(list(record.choices))
                        report = explain.report(
                            record, lanes, self.watch, relevant=explorer.offered, notes=("under a fair schedule",)
                        )
                        return self.failed(explorer, report)
        finally:
            self._is_fair = False
        return verdict


class StarvationListener(Listener):
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
            place = self.run.place_of(frame)
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
                place = self.run.place_of(sys._getframe(1))
                self.run.found(
                    task,
                    Found(
                        "starvation",
                        f"starvation: {other.name} waits while {task.name} {did} {times} times",
                        (self._waits[number], f"{task.name} {did} at {place}: {place.source}",
                         "every task that could go on was let on in turn"),
                        "who comes first must not depend on luck: let those who wait go first (a queue of waiters, "
                        "a ticket number, or a limit on how often one may go before the others)",
                        self._waits[number],
                    ),
                )  # fmt: skip
