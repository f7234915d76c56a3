"""Errors raised in the midst of a run, and the locks and permits that they leave taken."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Found
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._oracles.oracle import Oracle, random_order
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.functions import Functions

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.watching import Watch

CALLS: Final = 6
RUNS: Final = 4  # in each call, in random orders

_Key = tuple[tuple[str, int], int]


class InjectedError(Exception):
    """Raised inside a function that `kept_locks` was given."""


class KeptLocks(Oracle):
    """Lets functions fail, and finds what stays taken."""

    name = "kept_locks"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self.enters = plan.oracles.extras["inject"]
        self._functions = Functions(self.enters, watch)
        self._at = 0  # in which call an error is raised, counted over all tasks; 0 for none
        self._permits: dict[_Key, int] = {}
        self._listener: KeptListener | None = None

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Forget the run before."""
        self._listener = None
        return bool(self._functions)

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what raises the error, and looks what is taken at the end."""
        if self._functions:
            self._listener = KeptListener(run, self._functions, self._at, self._permits)
        return self._listener

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Raise an error in one call after the other."""
        if not self._functions:
            return verdict
        limit = explorer.limit()
        try:
            for self._at in range(1, CALLS + 1):
                for strategy, most in ((Strategy(), 1), (random_order(self.plan), RUNS)):
                    for record in explorer.runs(strategy, most, limit):
                        if self._heard.kept is not None:
                            return self._told(explorer, record, self._heard.kept)
                if not self._heard.done:
                    break
        finally:
            self._at = 0
        return verdict

    @property
    def _heard(self) -> KeptListener:
        assert self._listener is not None
        return self._listener

    def _told(self, explorer: Explorer, record: Record, kept: Found) -> Verdict:
        lanes = explorer.lanes(list(record.choices))
        report = explain.told(kept.headline, kept.evidence, kept.cause, recorder=lanes, relevant=explorer.offered)
        return self.failed(explorer, report)


class KeptListener(Listener):
    """Raises one error in one run, and looks at the end what is still taken.

    Args:
        run: The run.
        functions: Where the error is raised.
        at: In which call; 0 for none.
        permits: Permits of each semaphore at the end of runs without an error: learnt from them.

    Attributes:
        done: Whether the run came to that call.
        kept: What it has left taken.
    """

    def __init__(self, run: ListenedRun, functions: Functions, at: int, permits: dict[_Key, int]) -> None:
        self.run = run
        self.done = False
        self.kept: Found | None = None
        self._functions = functions
        self._at = at
        self._permits = permits
        self._calls = 0
        self._task: Task | None = None
        self._where = ""
        self._held: dict[int, tuple[Any, str]] = {}  # by the failing task at the call: double, where acquired
        self._acquired: dict[int, str] = {}
        self._semaphores: list[tuple[_Key, Any]] = []
        self._first: dict[_Key, int] = {}  # permits before anybody has taken one
        self._trace: Any = None

    # -- during the run

    def entered(self, task: Task, code: CodeType) -> None:
        """Raise the error if this is the call."""
        if code not in self._functions:
            return
        self._calls += 1
        if self._calls != self._at:
            return
        self.done = True
        self._task = task
        function = next(self._functions.around(sys._getframe(1)), None)
        place = self.run.place_of(function.f_back if function is not None else None)
        name = stacks.short_name(code).rpartition(".")[2]
        self._where = f"{name}() raises, called at {place}: {place.source}"
        for double in self.run.resources:
            if double.holder is task and not double.inner:
                self._held[id(double)] = (double, self._acquired.get(id(double), ""))
        self._acquired.clear()
        self._trace = sys.gettrace()
        raise InjectedError(f"injected by pytest-concurrency into call {self._calls} of {name}")

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Note who acquires what where."""
        if self._trace is not None and task is self._task:
            sys.settrace(self._trace)  # Python 3.11 takes the tracer away when an error passes it
            self._trace = None
        for key, owner in self._semaphores:
            if key not in self._first and hasattr(owner, "_value"):
                self._first[key] = owner._value
        if op[0] in ("acquire", "try"):
            for double in self.run.resources:
                if op in (double.op_take, getattr(double, "op_try", None)):
                    self._note(double, frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note who is to acquire what where."""
        if isinstance(target, Resource):
            self._note(target, frame)

    def _note(self, double: Any, frame: FrameType | None) -> None:
        place = self.run.place_of(frame)
        self._acquired[id(double)] = f"{place}: {place.source}"

    def adopted(self, double: Any) -> None:
        """Note the permits of a semaphore before anybody takes one in this run."""
        owner = double.part_of
        if isinstance(owner, threading.Semaphore):
            nth = sum(key[0] == double.made for key, _ in self._semaphores)
            self._semaphores.append(((double.made, nth), owner))

    # -- at its end

    def over(self) -> None:
        """Judge what is still taken."""
        run, permits = self.run, self._permits
        if not self._at:
            if run.record.finding is None and not run.record.errors:
                for key, owner in self._semaphores:
                    value = owner._value
                    permits[key] = min(value, permits.get(key, value))
        elif self._task is not None and self.kept is None:
            self.kept = self._lock() or self._permit()

    def _lock(self) -> Found | None:
        assert self._task is not None
        for double, where in self._held.values():
            if double.run is self.run and double.holder is self._task and id(double) not in self._acquired:
                name = naming.describe(double)[0]
                return self._found("lock", name, (f"acquired at {where}",), "release", where)
        return None

    def _permit(self) -> Found | None:
        if self.run.record.finding is not None and not self._all_wait():
            return None
        for key, owner in self._semaphores:
            first = self._first.get(key, owner._value)
            usual = self._permits.get(key, first)
            if owner._value < min(first, usual):
                name = naming.describe(owner)[0]
                left = f"{name} had {first} permit{'s' if first != 1 else ''} and is left with {owner._value}"
                return self._found("permit", name, (left,), "release", str(key))
        return None

    def _all_wait(self) -> bool:
        """Tell whether every task that has not ended waits for a permit, or for the others."""
        states = naming.task_states(self.run.tasks, self.run.watch)
        return all(
            state.waiting is None or state.waiting.action.endswith(("Semaphore.acquire", "Thread.join"))
            for state in states
        )

    def _found(self, kind: str, name: str, evidence: tuple[str, ...], verb: str, place: str) -> Found:
        assert self._task is not None
        who = self._task.name
        return Found(
            "kept_locks",
            f"kept {kind}: {name} stays taken when {who} fails",
            (*evidence, self._where, f"and nobody comes to the {verb}"),
            "an error leaves the function before the release, and everybody else waits for ever: `with lock:` and "
            "`with semaphore:` release whatever happens; where that is not possible, try/finally",
            place,
        )
