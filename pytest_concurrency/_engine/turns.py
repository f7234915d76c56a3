"""Whose turn it is in a run, and how it goes from one thread to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_concurrency._engine.task import Task


class Turns:
    """What a run knows of turns.

    Attributes:
        current: Whose turn it is, always a task with a thread of its own; None while all are outside.
        steps: How many yield points there were.
    """

    current: Task | None = None
    steps: int = 0

    def await_turn(self, task: Task) -> None:
        """Wait until a task has the turn."""
        raise NotImplementedError

    def set_turn(self, task: Task | None) -> None:
        """Say whose turn it is; None while all are outside."""
        self.current = None if task is None else task.body

    def take_away(self, task: Task, steps: int) -> bool:
        """Let it be nobody's turn if the task has it and has made no step since; tell whether that was so.

        No call and no loop between question and act: no other thread can come in between, and a
        task counts its step right after it has asked whether it has the turn.
        """
        if self.current is task and self.steps == steps:
            self.current = None
            return True
        return False

    def _give(self, other: Task) -> None:
        self.current = other.body
        other.go()

    def _hand_over(self, task: Task, other: Task) -> None:
        self.current = other.body
        other.go()
        self.await_turn(task)
