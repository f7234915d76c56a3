"""What an exploration has shown, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_concurrency._core.errors import ConcurrencyError
    from pytest_concurrency._core.telling.races import Race


class Grade(StrEnum):
    """How much an exploration has shown; only `FAILED` fails a test by itself."""

    FAILED = "failed"
    PROVED = "proved"
    SAMPLED = "sampled"
    UNFINISHED = "unfinished"
    UNCONTROLLED = "uncontrolled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often the scenario returned one value, and one schedule that shows it.

    Attributes:
        count: Number of schedules with this outcome.
        replay: Token for `explore(scenario, replay=...)`.
    """

    count: int
    replay: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of an exploration.

    Attributes:
        grade: How much was shown.
        schedules: Number of schedules tried, up to and including the first failure.
        reason: What stands behind the grade, in words.
        error: What was found; None unless the grade is `FAILED`.
        replay: Token that shows the failure again; "" where there is none.
        races: Unordered accesses that runs showed, alarms first, then notes.
        deadlocks: Predictions that no schedule fulfilled: locks that tasks take in different orders.
        outcomes: Each distinct `repr` of the scenario's return value.
    """

    grade: Grade
    schedules: int
    reason: str
    error: ConcurrencyError | None = None
    replay: str = ""
    races: tuple[Race, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    deadlocks: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.error is not None:
            return str(self.error)
        return "\n".join(
            [f"{self.grade}: {self.reason}", *(str(each) for each in self.races if each.is_alarm), *self.deadlocks]
        )


def schedules(count: int) -> str:
    """Return so many schedules in words."""
    return f"{count} schedule{'' if count == 1 else 's'}"
