"""Who asks again and again instead of waiting, decided from questions and answers alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

SPINS: Final = 10
"""So many equal questions in a row, with nothing changed between, are a busy wait."""


class Stamps:
    """When each thing was last changed, and whether somebody else did it."""

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[int, int, int]] = {}  # key: (task, when, when by another)

    def changed(self, key: Hashable, task: int, when: int) -> None:
        """Note that a task changed a thing."""
        who, at, other = self._last.get(key, (task, -1, -1))
        self._last[key] = (task, when, at if who != task else other)

    def by_others(self, key: Hashable, task: int) -> int:
        """Return when somebody but this task last changed a thing; -1 for never."""
        who, at, other = self._last.get(key, (task, -1, -1))
        return at if who != task else other


@dataclass(slots=True)
class _Asked:
    times: int
    when: int
    state: object
    slept: bool = False
    gave_way: bool = False

    def rests(self, *, slept: bool = False, gave_way: bool = False) -> None:
        self.slept = self.slept or slept
        self.gave_way = self.gave_way or gave_way


class BusyWaiting:
    """Tells a task that asks again and again from one that waits.

    Two signs count, both only as long as the task itself changes nothing: the same question
    `SPINS` times in a row without a wait, its answer and the task's own variables being the same;
    and a sleep between two equal questions.
    """

    def __init__(self) -> None:
        self._asked: dict[int, dict[Hashable, _Asked]] = {}
        self._stamps = Stamps()
        self._now = 0

    def changed(self, task: int, key: Hashable) -> None:
        """Note that a task changed something."""
        self._now += 1
        self._stamps.changed(key, task, self._now)

    def acted(self, task: int) -> None:
        """Note that a task did something of use, or waited as one should."""
        self._asked.pop(task, None)

    def slept(self, task: int) -> None:
        """Note that a task slept."""
        for each in self._asked.get(task, {}).values():
            each.rests(slept=True)

    def gave_way(self, task: int) -> None:
        """Note that a task released a lock."""
        for each in self._asked.get(task, {}).values():
            each.rests(gave_way=True)

    def asks(
        self, task: int, question: Hashable, keys: tuple[Hashable, ...], state: Callable[[], object], *, is_try: bool
    ) -> str:
        """Judge one more question: answers "", "spin" or "poll".

        Args:
            task: Who asks.
            question: What is asked where: equal for the same question in the same loop.
            keys: The things that the answer depends on.
            state: Returns the task's own variables, to see whether it makes progress.
            is_try: Whether it is an attempt to take a lock: who gives way between two is no poller.
        """
        self._now += 1
        mine = self._asked.setdefault(task, {})
        last = mine.get(question)
        now = state()
        if last is None or (is_try and last.gave_way):
            mine[question] = _Asked(1, self._now, now)
            return ""
        if last.slept:
            return "poll"
        same = last.state == now and all(self._stamps.by_others(key, task) <= last.when for key in keys)
        times = last.times + 1 if same else 1
        mine[question] = _Asked(times, self._now, now)
        return "spin" if times >= SPINS else ""
