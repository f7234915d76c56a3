"""The steps of a run as `dpor` keeps them, and what two of them have to do with one another."""

from __future__ import annotations

from pytest_concurrency._core.operations import AWAIT, PASSES, SET, TIME, Operation, conflict


class Node:
    """One step of the current run, and what is to be tried instead of it.

    Attributes:
        task: Who went.
        op: What it did.
        before: Bit mask of the steps that happen before this one.
        runnable: Who could have gone.
        sleep: Tasks whose next operation need not be tried here, with that operation.
        backtrack: Tasks to be tried here, those already tried included.
        picks: [answer, options] of every pick during the step.
        tried: Who has been tried with a step that is known only afterwards, and at which step.
        is_untold: Whether this is such a step.
    """

    __slots__ = ("backtrack", "before", "is_untold", "op", "picks", "runnable", "sleep", "task", "tried")

    def __init__(
        self,
        task: int,
        op: Operation,
        runnable: tuple[int, ...],
        sleep: dict[int, Operation],
        tried: dict[int, int] | None = None,
    ) -> None:
        self.task = task
        self.op = op
        self.before = -1  # not yet searched for races
        self.runnable = runnable
        self.sleep = sleep
        self.backtrack = {task}
        self.picks: list[list[int]] = []
        self.tried = {} if tried is None else tried
        self.is_untold = False

    def only(self, task: int, op: Operation) -> None:
        """Let one task go, and nobody be tried instead of it."""
        self.task, self.op, self.backtrack = task, op, {task}

    def again(self) -> Node:
        """Return the same step of a later run, not yet searched for races."""
        node = Node(self.task, self.op, self.runnable, dict(self.sleep), dict(self.tried))
        node.backtrack.update(self.backtrack)
        node.picks.extend([*each] for each in self.picks)
        return node

    def goes(self, task: int) -> None:
        """Let another task go here in the next run."""
        self.task, self.before = task, -1

    def is_said(self, op: Operation) -> None:
        """Note what its step is said to do, which is known only when it is over."""
        self.is_untold = True
        if self.before < 0:
            self.op = op

    def does(self, op: Operation) -> None:
        """Note what its step does."""
        self.op = op

    def comes_after(self, steps: int) -> None:
        """Note which steps happen before this one."""
        self.before = steps

    def is_done(self, index: int) -> set[int]:
        """Let its task be tried, and return who is still to be tried here."""
        if self.is_untold:
            self.tried[self.task] = index
        else:
            self.sleep[self.task] = self.op
        self.is_untold = False
        return {task for task in self.backtrack if task not in self.sleep and self.tried.get(task) != index}

    def is_redundant(self) -> None:
        """Learn that its step leads to nothing new: if all had been tried, it may be another's that does."""
        if all(task in self.sleep or task in self.tried for task in self.runnable):
            self.backtrack.update(task for task in self.runnable if task in self.tried)


def in_conflict(node: Node, task: int, op: Operation) -> bool:
    """Like `conflict`, but the passing of time conflicts with everything."""
    return TIME in (task, node.task) or conflict(node.op, op)


def passes_by(op: Operation, other: Operation) -> bool:
    """Whether an operation releases the lock of an event for another that waits for just that: it orders nobody."""
    if not op[1] or not other[1]:
        return False
    key, mode = op[1][0]
    return mode == PASSES and other[1][0][0] == key


def about_event(first: Operation, second: Operation) -> tuple[int, int] | None:
    """Return what two operations on an event are about if one sets it and the other waits for it."""
    if first[1] and second[1]:
        about = (first[1][0][1], second[1][0][1])
        if about in ((SET, AWAIT), (AWAIT, SET)):
            return about
    return None


def next_pick(node: Node) -> bool:
    """Move the last pick of a step that has an answer left; drop those after it."""
    while node.picks:
        last = node.picks[-1]
        last[0] += 1
        if last[0] < last[1]:
            return True
        node.picks.pop()
    return False
