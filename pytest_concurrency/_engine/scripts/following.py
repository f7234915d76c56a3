"""A guide that follows a recorded schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.schedule import Follower, Where

if TYPE_CHECKING:
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.task import Task


class Following:
    """Steers one run by the switches of an earlier one; everywhere else the usual task goes on."""

    def __init__(self, marks: tuple[Mark, ...]) -> None:
        self._follower = Follower(marks)
        self._last: tuple[int, Where] = (0, Where("", 0, "begin"))

    @property
    def left(self) -> str:
        """Where the run left the record, in words; "" when every switch was reached."""
        return self._follower.left

    def arrive(self, task: Task, op: Operation, where: Where, place: Place) -> None:
        """Note that a task has come to a point."""
        self._comes_to(task, where)

    def _comes_to(self, task: Task, where: Where) -> None:
        self._last = (task.id, where)
        self._follower.arrive(*self._last)

    def choose(self, runnable: list[int], current: int | None) -> int | None:
        """Answer who goes next."""
        to = self._follower.answer(*self._last)
        if to is not None and to in runnable:
            return to
        if current is not None:
            return current
        return next((task for task in runnable if task >= 0), None)

    def pick(self, task: Task, where: Where, options: int) -> int:
        """Answer which waiter is woken."""
        self._comes_to(task, where)
        chosen = self._follower.answer(*self._last)
        return chosen if chosen is not None and chosen < options else 0
