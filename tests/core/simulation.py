"""Tiny programs as values, run step by step by a strategy or enumerated without one.

A program is a tuple of tasks, a task a tuple of steps: ("read", key), ("write", key),
("acquire", lock), ("release", lock), ("try", lock), ("unknown", ""), ("local", "").
An outcome tells, for each step, how many steps it conflicts with came before it, and of which
tasks: two runs are equivalent exactly if their outcomes are equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_concurrency._core.operations import READ, WRITE, Operation
from pytest_concurrency._core.strategy import Redundant, Strategy

Step = tuple[str, str]
Program = tuple[tuple[Step, ...], ...]
Outcome = tuple[tuple[tuple[int, int], tuple[tuple[int, int], ...], bool | None], ...]


def operation(step: Step) -> Operation:
    kind, name = step
    match kind:
        case "unknown":
            return kind, None
        case "local":
            return kind, ()
        case "read":
            return kind, ((("object", name), READ),)
    return kind, ((("object", name), WRITE),)


class Machine:
    """A program in the middle of a run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.at = [0] * len(program)
        self.holders: dict[str, int] = {}
        self.current: int | None = None
        self.trace: list[tuple[int, int]] = []
        self.got: dict[tuple[int, int], bool] = {}

    def runnable(self) -> list[int]:
        return [task for task in range(len(self.program)) if self._able(task)]

    def _able(self, task: int) -> bool:
        if self.at[task] == len(self.program[task]):
            return False
        kind, name = self.program[task][self.at[task]]
        return kind != "acquire" or name not in self.holders

    def pending(self) -> dict[int, Operation]:
        return {
            task: operation(steps[self.at[task]])
            for task, steps in enumerate(self.program)
            if self.at[task] < len(steps)
        }

    def step(self, task: int) -> None:
        number = self.at[task]
        kind, name = self.program[task][number]
        if kind in ("acquire", "try"):
            self.got[task, number] = name not in self.holders
            self.holders.setdefault(name, task)
        elif kind == "release":
            self.holders.pop(name, None)
        self.trace.append((task, number))
        self.at[task] += 1
        self.current = task

    def outcome(self) -> Outcome:
        """Return what distinguishes this run from those that are not equivalent to it."""
        told = []
        for at, (task, number) in enumerate(self.trace):
            step = self.program[task][number]
            before = sorted(each for each in self.trace[:at] if _touch(self.program[each[0]][each[1]], step))
            told.append(((task, number), tuple(before), self.got.get((task, number))))
        return tuple(sorted(told, key=lambda each: each[0]))


def _touch(first: Step, second: Step) -> bool:
    if "local" in (first[0], second[0]):
        return False
    if "unknown" in (first[0], second[0]):
        return True
    return first[1] == second[1] and not first[0] == second[0] == "read"


def enumerate_all(program: Program) -> Iterator[Outcome]:
    """Yield the outcome of every single schedule, by brute force."""
    stack: list[tuple[int, ...]] = [()]
    while stack:
        schedule = stack.pop()
        machine = Machine(program)
        for task in schedule:
            machine.step(task)
        able = machine.runnable()
        if not able:
            yield machine.outcome()
        stack += [(*schedule, task) for task in able]


def run_once(program: Program, strategy: Strategy) -> Outcome | None:
    """Run one schedule as the controller would; None where the strategy cut it short."""
    machine = Machine(program)
    while able := machine.runnable():
        current = machine.current if machine.current in able else None
        if len(able) > 1 or strategy.every_step:
            try:
                chosen = strategy.choose(able, current, machine.pending())
            except Redundant:
                return None
            assert chosen in able
        else:
            chosen = able[0]
        machine.step(chosen)
    strategy.standstill(machine.pending(), left=False)
    return machine.outcome()


def explore(program: Program, strategy: Strategy, limit: int = 100_000) -> list[Outcome | None]:
    """Run schedule by schedule until the strategy ends."""
    outcomes: list[Outcome | None] = []
    while len(outcomes) < limit and strategy.start_run():
        outcome = run_once(program, strategy)
        outcomes.append(outcome)
        strategy.end_run(cut=outcome is None)
    return outcomes
