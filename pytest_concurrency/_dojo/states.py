"""From what became of a kata's tests to one of six states: pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class State(StrEnum):
    """Where a kata, or one of its tasks, stands."""

    NOT_BEGUN = "not begun"
    BEGUN = "begun"
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    HUNG = "hung"


OUTCOMES = ("passed", "failed", "not started", "skipped", "error", "hung")
HANGS = re.compile(
    r"\b(DeadlockFound|NoProgressFound|StuckFound)\b|^deadlock: |\bTimeout \(>|\b(?:waits?|runs?) for ever\b",
    re.MULTILINE,
)
RAISED = re.compile(r"^(?:[\w.]+: )?(?:[^:\n]{1,60} raised )?(?:AssertionError|Failed): (?=\S)")


def outcome_of_failure(message: str) -> str:
    """Tell a test that waited for ever from one that failed; only the first lines of a failure say which."""
    return "hung" if HANGS.search("\n".join(message.splitlines()[:2])) else "failed"


def state_of(outcomes: Iterable[str]) -> State:
    """Return the state of a kata, or of a task, from the outcomes of its tests; amber when there is none."""
    found = set(outcomes)
    for outcome, state in (("hung", State.HUNG), ("error", State.AMBER), ("failed", State.RED)):
        if outcome in found:
            return state
    if "not started" in found:
        return State.BEGUN if "passed" in found else State.NOT_BEGUN
    return State.GREEN if "passed" in found else State.AMBER


def states_of_tasks(outcomes: Iterable[tuple[int, str]]) -> dict[int, State]:
    """Return the state of each task from pairs of a task and what became of one of its tests."""
    tasks: dict[int, list[str]] = {}
    for task, outcome in outcomes:
        tasks.setdefault(task, []).append(outcome)
    return {task: state_of(found) for task, found in sorted(tasks.items())}


def task_at_hand(states: Mapping[int, State]) -> int | None:
    """Return the first task that is not green; `None` when all are."""
    return next((task for task, state in sorted(states.items()) if state is not State.GREEN), None)


def first_line(message: str, width: int = 200) -> str:
    """Return the first line of a failure, without the name of the error that carries a plain assertion."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    line = RAISED.sub("", lines[0]) if lines else ""
    return line if len(line) <= width else line[: width - 1] + "…"
