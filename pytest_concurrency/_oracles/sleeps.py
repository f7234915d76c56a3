"""Which sleeps ended while somebody else could still run: in real life they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._engine.listened import Listener
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._engine.listened import ListenedRun


class SleepFeed(Listener):
    """Notes the sleeps of one run that were overtaken.

    Attributes:
        overtaken: One line of text for each.
    """

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self.overtaken: list[str] = []

    def fires(self, early: bool) -> None:  # noqa: FBT001
        """Note whose sleep ends although others could run."""
        number = self.run.clock.next_waiter()
        if not early or number is None:
            return
        task = self.run.tasks[number]
        target = task.waits_for
        if isinstance(target, tuple) and target[0] == "sleep":
            place = self.run.shared.place(real.current_frames().get(task.ident))
            others = ", ".join(self.run.tasks[each].name for each in self.run.runnable)
            text = f"{task.name} wakes from sleep({target[1]}) at {place} before {others} could go on: {place.source}"
            if text not in self.overtaken:
                self.overtaken.append(text)
