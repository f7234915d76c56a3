"""A failure, or what else a run has shown, made small and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.schedule import mark
from pytest_concurrency._core.shrink import shrink
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._explore.running import Running
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._engine.record import Record

SHRINK_ATTEMPTS: Final = 400
SHRINK_SECONDS: Final = 3.0
INVESTIGATE_SECONDS: Final = 10.0


class Investigation(Running):
    """Runs schedules, and looks into what they show."""

    def investigate(
        self, record: Record, number: int, offered: set[int] | None = None, *, left: Sequence[str] = ()
    ) -> Verdict:
        """Make a failure small and tell it.

        Args:
            record: The run that failed.
            number: Which schedule it was.
            offered: Where it could switch; None where nothing has been added since.
            left: Names of state that the first schedule has left to the others.
        """
        self.deadline = real.monotonic() + INVESTIGATE_SECONDS
        offered = set(self.offered) if offered is None else offered
        again, recorder = self._again(list(record.choices), offered)
        marks = tuple(map(mark, recorder.switches))
        wanted = explain.signature(record, self.watch)
        if explain.signature(again, self.watch) != wanted:
            return self.failed(record, recorder, marks, number, note=_was_different(again, left))
        smaller = self._shrunk(marks, lambda record: bool(explain.signature(record, self.watch) == wanted))
        final, last = self.follow(smaller)
        if explain.signature(final, self.watch) != wanted:
            return self.failed(again, recorder, marks, number, note="the schedule could not be replayed by name")
        return self.failed(final, last, smaller, number)

    def smallest(
        self, choices: list[int], offered: set[int], shows: Callable[[Record], bool]
    ) -> tuple[Record, Recorder, tuple[Mark, ...]] | None:
        """Return a run that shows it with as few switches as can be; None where it does not come again."""
        record, recorder = self._again(choices, offered)
        if not shows(record):
            return None
        marks = self._shrunk(tuple(map(mark, recorder.switches)), shows)
        record, recorder = self.follow(marks)
        return (record, recorder, marks) if shows(record) else None

    def _again(self, choices: list[int], offered: set[int]) -> tuple[Record, Recorder]:
        recorder = Recorder(self.watch)
        return self.once(Positional(choices), recorder, offered), recorder

    def _shrunk(self, switches: tuple[Mark, ...], shows: Callable[[Record], bool]) -> tuple[Mark, ...]:
        deadline = real.monotonic() + SHRINK_SECONDS

        def still_shows(candidate: tuple[Mark, ...]) -> bool:
            if real.monotonic() > deadline:
                return False
            record, _ = self.follow(candidate)
            return shows(record)

        return shrink(switches, still_shows, SHRINK_ATTEMPTS)

    def failed(
        self, record: Record, recorder: Recorder, marks: tuple[Mark, ...], number: int, note: str = ""
    ) -> Verdict:
        """Return the verdict on a failing run; with a note its replay may not fail."""
        token = self.token(marks)
        report = explain.report(
            record,
            recorder,
            self.watch,
            relevant=record.shared,
            replay=self.command(token),
            notes=(note,) if note else (),
        )
        error = self.judges.error(record, report) or explain.error_for(record, report)
        return Verdict(Grade.FAILED, number, f"{error.report.headline} (schedule {number})", error, token)


def _was_different(again: Record, left: Sequence[str]) -> str:
    """Say how a second run of the same schedule went, and what that may come from."""
    text = f"a second run of the same schedule was different: {explain.difference(again)}"
    if left:
        return f"{text}; each run found what the one before had left in {', '.join(left[:3])}"
    return f"{text}; it depends on more than who goes first: an id, a hash, the real time, random numbers, a file"
