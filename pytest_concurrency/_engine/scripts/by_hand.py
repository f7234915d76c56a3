"""Leads a run along a schedule that a person wrote, and says where that is not possible."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import TIME
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._sight.watching import OWN, STANDARD

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.hand_written import PlayStep
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.schedule import Where
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

LINE: Final[Operation] = ("line", ())  # another process says an equal one
_MAX_PASSED: Final = 6


class ByHand:
    """A guide that steers one run by hand-written steps, then lets it go on by itself.

    A step moves its task at least one point on; while a task that a step names has not been
    started, the scenario goes on.

    Attributes:
        problem: Why the schedule cannot be followed, or "".
    """

    def __init__(self, watch: Watch, steps: tuple[PlayStep, ...]) -> None:
        self.problem = ""
        self._watch = watch
        self._steps = steps
        self._at = 0
        self._has_turn = False  # whether the step's task has been let go on
        self._hit = False
        self._count = 0
        self._run: Run | None = None
        self._arrived: dict[int, str] = {}
        self._calls: dict[int, Any] = {}
        self._passed: list[str] = []

    # -- what the run tells

    def arrive(self, task: Task, op: Operation, where: Where, place: Place) -> None:
        """Note that a task has come to a point, and whether the step ends there."""
        self._run = task.run
        fresh = task.id not in self._arrived
        self._arrived[task.id] = f"at {place}  {place.source}" if place.line else "at its end"
        names = self._called(task, op)
        step = self.step
        if step is None or not self._has_turn or self._find(step) is not task:
            return
        self._count += not fresh and op != LINE
        if step.kind == "line":
            self._hit = op == LINE and place.line == step.line and step.is_line_of(where.function)
        elif step.kind == "operation":
            self._hit = step.is_operation(names)
        elif step.kind == "steps":
            self._hit = self._count >= step.count
        if op != LINE and place.line:
            told = f"{place.function.rpartition('.')[2]}:{place.line} ({op[0]})"
            if told not in self._passed:
                self._passed.append(told)

    def choose(self, runnable: list[int], current: int | None) -> int:
        """Answer who goes next by the schedule, after its end as usual."""
        run = self._run
        while self.step is not None and run is not None:
            step = self.step
            task = self._find(step)
            if task is None:
                if 0 in runnable:
                    return 0
                return self._wait_or_fail(run, step, run.root, runnable, "no thread of that name or number was started")
            if self._is_done(step, task, runnable):
                self._next_step()
                continue
            if task.state is ENDED:
                return self._fail(run, step, self._ended(step, task))
            if task.id in runnable:
                self._has_turn = True
                return task.id
            return self._wait_or_fail(run, step, task, runnable, "")
        able = [task for task in runnable if task >= 0]
        if current is not None:
            return current
        return able[0] if able else TIME

    def pick(self, task: Task, where: Where, options: int) -> int | None:
        """Wake who has waited longest."""
        return 0

    # -- steps

    @property
    def step(self) -> PlayStep | None:
        """The step that is not done yet; None after the last."""
        return self._steps[self._at] if self._at < len(self._steps) else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the step's task lives in another process, of whose calls nobody hears here."""
        return self.step is not None and self._run is not None and hasattr(self._find(self.step), "child")

    def _next_step(self) -> None:
        self._at += 1
        self._has_turn = self._hit = False
        self._count = 0
        self._passed = []

    def finish(self, run_ended: bool) -> None:  # noqa: FBT001
        """Look at the steps that are left when the run is over."""
        while self.step is not None and not self.problem:
            step, run = self.step, self._run
            task = self._find(step) if run is not None else None
            if task is None:
                self.problem = f"{self._told(step)}: no thread of that name or number was started"
            elif step.kind == "end" and run_ended:
                self._next_step()
            else:
                self.problem = f"{self._told(step)}: {self._ended(step, task)}"

    def _find(self, step: PlayStep) -> Task | None:
        run = self._run
        assert run is not None
        for task in run.tasks:
            if step.task in (task.name, task.name.partition(" (")[0]):
                return task
        number = int(step.task) if step.task.isdigit() else 0
        return run.tasks[number] if 0 < number < len(run.tasks) else None

    def _is_done(self, step: PlayStep, task: Task, runnable: list[int]) -> bool:
        if step.kind == "end":
            return task.state is ENDED
        if step.kind == "waits":
            return task.state is not ENDED and task.id not in runnable and not task.outside
        return self._hit

    def _wait_or_fail(self, run: Run, step: PlayStep, task: Task, runnable: list[int], why: str) -> int:
        """Let time pass where that is what the task waits for."""
        if TIME in runnable and run.clock.waits(task.id):
            return TIME
        doing = self._doing(run, task)
        return self._fail(run, step, f"{why}; {doing}" if why else doing)

    # -- what to tell

    def _fail(self, run: Run, step: PlayStep, why: str) -> int:
        self.problem = f"{self._told(step)}: {why}"
        run.halt(Finding("play", self.problem))
        return 0

    def _told(self, step: PlayStep) -> str:
        return f"step {self._at + 1}, {step.text!r}, cannot happen"

    def _doing(self, run: Run, task: Task) -> str:
        state = naming.state(task, self._watch)
        waiting = state.waiting
        if waiting is None and any(each.body is not each for each in run.tasks):
            return "its steps are those of a loop, and only threads and processes can be led by hand"
        if waiting is None:
            return f"{task.name} {state.state}"
        on = f" on {waiting.target}" if waiting.target else ""
        held = f", held by {', '.join(waiting.holders)}" if waiting.holders else ""
        where = f", at {state.place}  {state.place.source}" if state.place is not None else ""
        return f"{task.name} waits in {waiting.action}{on}{held}{where}"

    def _ended(self, step: PlayStep, task: Task) -> str:
        want = {"line": f"{step.function}:{step.line}", "operation": f"{step.verb} {step.thing}".strip()}.get(step.kind)
        came = f"coming to {want}" if want else ("waiting" if step.kind == "waits" else f"{step.count} steps")
        text = f"{task.name} ended without {came}"
        passed = self._passed[:_MAX_PASSED] + (["..."] if len(self._passed) > _MAX_PASSED else [])
        if not self._has_turn:
            text = f"{task.name} had ended before"
        return f"{text}; it passed {', '.join(passed)}" if passed else text

    # -- what an operation is called

    def _called(self, task: Task, op: Operation) -> list[tuple[str, str]]:
        verb, _, thing = op[0].partition(" ")
        names = [(verb, thing)]
        for key, _ in op[1] or ():
            names += [(verb, each) for each in self._things(task.run, key)]
        call = self._new_call(task)
        return [*names, call] if call is not None else names

    def _things(self, run: Run, key: Any) -> list[str]:
        if type(key) is not tuple:
            return []
        if key[0] == "task" and 0 <= key[1] < len(run.tasks):
            return [run.tasks[key[1]].name]
        if key[0] != "sync":
            return []
        return [naming.describe(each)[0] for each in run.resources if each.number == key[1]]

    def _new_call(self, task: Task) -> tuple[str, str] | None:
        """Return name and object of the library call that the task is in, at its first point there."""
        outer: FrameType | None = None
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            kind = self._watch.kind(frame.f_code.co_filename)
            if kind is STANDARD:
                outer = frame
            elif kind is not OWN:
                break
            frame = frame.f_back
        before, self._calls[task.id] = self._calls.get(task.id), outer
        if outer is None or outer is before:
            return None
        arguments = outer.f_code.co_varnames[:1]
        owner = outer.f_locals.get(arguments[0]) if arguments else None
        return outer.f_code.co_name, naming.describe(owner)[0] if owner is not None else ""
