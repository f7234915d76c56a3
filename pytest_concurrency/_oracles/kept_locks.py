"""Errors raised in the midst of a run, and the locks and permits that they leave taken."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.oracles import Finding
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.listened import Functions, Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task

_Key = tuple[tuple[str, int], int]


class InjectedError(Exception):
    """Raised inside a function that `kept_locks` was given."""


class Injection:
    """What the runs of an exploration share.

    Attributes:
        functions: Where an error is raised.
        at: In which call, counted over all tasks; 0 for none.
        done: Whether the present run came to that call.
        permits: Permits of each semaphore at the end of runs without an error.
        finding: What the present run has left taken.
    """

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.at = 0
        self.done = False
        self.permits: dict[_Key, int] = {}
        self.finding: Finding | None = None


class KeptFeed(Listener):
    """Raises one error in one run, and looks at the end what is still taken."""

    def __init__(self, run: ListenedRun, injection: Injection) -> None:
        self.run = run
        self.injection = injection
        injection.done, injection.finding = False, None
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
        if code not in self.injection.functions:
            return
        self._calls += 1
        if self._calls != self.injection.at:
            return
        self.injection.done = True
        self._task = task
        function = next(self.injection.functions.around(sys._getframe(1)), None)
        place = self.run.shared.place(function.f_back if function is not None else None)
        name = stacks.short_name(code).rpartition(".")[2]
        self._where = f"{name}() raises, called at {place}: {place.source}"
        for double in self.run.adopted:
            if double.holder is task and not getattr(double, "is_waiter", False):
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
            for double in self.run.adopted:
                if op in (double.op_take, getattr(double, "op_try", None)):
                    self._note(double, frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note who is to acquire what where."""
        if isinstance(target, Resource):
            self._note(target, frame)

    def _note(self, double: Any, frame: FrameType | None) -> None:
        place = self.run.shared.place(frame)
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
        run, injection = self.run, self.injection
        if not injection.at:
            if run.finding is None and not run.errors:
                for key, owner in self._semaphores:
                    value = owner._value
                    injection.permits[key] = min(value, injection.permits.get(key, value))
        elif self._task is not None and injection.finding is None:
            injection.finding = self._lock() or self._permit()

    def _lock(self) -> Finding | None:
        assert self._task is not None
        for double, where in self._held.values():
            if double.run is self.run and double.holder is self._task and id(double) not in self._acquired:
                name = naming.describe(double)[0]
                return self._finding("lock", name, (f"acquired at {where}",), "release", where)
        return None

    def _permit(self) -> Finding | None:
        if self.run.finding is not None and not self._all_wait():
            return None
        for key, owner in self._semaphores:
            first = self._first.get(key, owner._value)
            usual = self.injection.permits.get(key, first)
            if owner._value < min(first, usual):
                name = naming.describe(owner)[0]
                left = f"{name} had {first} permit{'s' if first != 1 else ''} and is left with {owner._value}"
                return self._finding("permit", name, (left,), "release", str(key))
        return None

    def _all_wait(self) -> bool:
        """Tell whether every task that has not ended waits for a permit, or for the others."""
        states = naming.task_states(self.run.tasks, self.run.shared.watch)
        return all(
            state.waiting is None or state.waiting.action.endswith(("Semaphore.acquire", "Thread.join"))
            for state in states
        )

    def _finding(self, kind: str, name: str, evidence: tuple[str, ...], verb: str, place: str) -> Finding:
        assert self._task is not None
        who = self._task.name
        return Finding(
            "kept_locks",
            f"kept {kind}: {name} stays taken when {who} fails",
            (*evidence, self._where, f"and nobody comes to the {verb}"),
            "an error leaves the function before the release, and everybody else waits for ever: `with lock:` and "
            "`with semaphore:` release whatever happens; where that is not possible, try/finally",
            place,
        )
