"""A failure, or what else a run has shown, made small and told."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.schedule import mark
from pytest_concurrency._core.shrink import shrink
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._explore.running import FURTHER_SECONDS, Running
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.state import State

SHRINK_ATTEMPTS: Final = 400
SHRINK_SECONDS: Final = 3.0
"""Of the processor: on a busy machine, too, the same failure is told with the same switches."""
SHRINK_WITHIN: Final = 6.0
"""By the clock, as a run may wait for what is outside."""
INVESTIGATE_SECONDS: Final = 10.0


class Investigation(Running):
    """Runs schedules, and looks into what they show."""

    def investigate(
        self, record: Record, number: int, offered: set[int] | None = None, *, has_passed: bool = False
    ) -> Verdict:
        """Make a failure small and tell it.

        Args:
            record: The run that failed.
            number: Which schedule it was.
            offered: Where it could switch; None where nothing has been added since.
            has_passed: Whether a run without a switch has passed before, so that none can show it.
        """
        self.deadline = real.monotonic() + INVESTIGATE_SECONDS
        offered = set(self.offered) if offered is None else offered
        wanted = explain.signature(record, self.watch)

        def shows(each: Record) -> bool:
            return bool(explain.signature(each, self.watch) == wanted)

        with self.state_kept() as last:
            left = self.state.changed()
            again, recorder = self._again(list(record.choices), offered, shows, last)
            small = self._small(recorder, shows) if shows(again) else None
            if small is not None and (small[2] or not has_passed):
                return self.failed(*small, number)
            if explain.headline_of(again) != explain.headline_of(record):
                recorder = Recorder(self.watch)  # what it has recorded is another run
            if left or small is not None:
                why = _left_behind(left)
            elif shows(again):
                why = "the schedule could not be replayed by name"
            else:
                why = _was_different(again)
            return self.failed(record, recorder, None, number, note=f"{why}; {_SEE_AGAIN}")

    def smallest(
        self, choices: list[int], offered: set[int], shows: Callable[[Record], bool]
    ) -> tuple[Record, Recorder, tuple[Mark, ...]] | None:
        """Return a run that shows it with as few switches as can be; None where it does not come again."""
        with self.state_kept() as last:
            record, recorder = self._again(choices, offered, shows, last)
            return self._small(recorder, shows) if shows(record) else None

    @contextlib.contextmanager
    def state_kept(self) -> Iterator[State]:
        """Let the state after the body be that before it, which is yielded."""
        last = self.state.now()
        try:
            yield last
        finally:
            last.give_back()

    def _again(
        self, choices: list[int], offered: set[int], shows: Callable[[Record], bool], last: State
    ) -> tuple[Record, Recorder]:
        """Run a schedule again, from the state that the first found, or if that does not show it, from the last."""
        for state in (self.state, last) if self.state.changed() else (self.state,):
            state.give_back()
            recorder = Recorder(self.watch, draws=self.plan.draws)
            record = self.once(Positional(choices), recorder, offered)
            if shows(record):
                break
        return record, recorder

    def _small(
        self, recorder: Recorder, shows: Callable[[Record], bool]
    ) -> tuple[Record, Recorder, tuple[Mark, ...]] | None:
        """Drop switches that are not needed; None where it does not come again from the state that the first found."""
        switches = tuple(map(mark, recorder.switches))
        shrunk = self._shrunk(switches, shows)
        self.grant(FURTHER_SECONDS)  # however long that took
        for marks in (shrunk, switches):
            record, recorder = self._from_the_start(marks)
            if shows(record):
                return record, recorder, marks
        return None

    def _from_the_start(self, marks: tuple[Mark, ...], *, told: bool = True) -> tuple[Record, Recorder]:
        self.state.give_back()
        return self.follow(marks, told=told)

    def _shrunk(self, switches: tuple[Mark, ...], shows: Callable[[Record], bool]) -> tuple[Mark, ...]:
        deadline = real.monotonic() + SHRINK_WITHIN
        spent = real.process_time() + SHRINK_SECONDS

        def still_shows(candidate: tuple[Mark, ...]) -> bool:
            if real.process_time() > spent or real.monotonic() > deadline:
                return False
            record, _ = self._from_the_start(candidate, told=False)
            return shows(record)

        return shrink(switches, still_shows, SHRINK_ATTEMPTS)

    def failed(
        self, record: Record, recorder: Recorder, marks: tuple[Mark, ...] | None, number: int, note: str = ""
    ) -> Verdict:
        """Return the verdict on a failing run; where no marks are given nobody knows a replay that fails."""
        token = "" if marks is None else self.token(marks)
        report = explain.report(
            record,
            recorder,
            self.watch,
            relevant=record.shared,
            replay=self.command(token) if token else "",
            notes=(note,) if note else (),
        )
        error = self.judges.error(record, report) or explain.error_for(record, report)
        return Verdict(Grade.FAILED, number, f"{error.report.headline} (schedule {number})", error, token)


_SEE_AGAIN: Final = "to see it again, explore again in a new process, with the same seed and no replay"


def _was_different(again: Record) -> str:
    """Say how a second run of the same schedule went, and what that may come from."""
    return (
        f"a second run of the same schedule was different: {explain.difference(again)}; "
        "it depends on more than who goes first: an id, a hash, the real time, random numbers, a file"
    )


def _left_behind(names: Sequence[str]) -> str:
    """Say that it depends on what earlier schedules have left."""
    where = ", ".join(names[:3]) or "something that is not seen (a file, an object of C)"
    return f"it depends on what earlier schedules have left in {where}: this schedule alone passes"
