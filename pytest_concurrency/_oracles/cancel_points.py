"""Tasks that are cancelled at one of their awaits, and what they leave locked, lost or half done."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._oracles.oracle import Oracle, random_order
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.listener import Notice
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.watching import Watch

POINTS: Final = 200
RUNS: Final = 2  # for each point, in random orders
_AT: Final = ("at its await", "when its await is over, before it goes on")  # the two moments

_ADVICE: Final = (
    "any await may raise CancelledError: `async with` gives back whatever happens, `finally` sets right what is half "
    "done, and what must not be torn apart has no await between its parts, or stands in asyncio.shield"
)
_LATE_ADVICE: Final = (
    "what it waited for may have been given to it already when the CancelledError comes: who hands out a place, a "
    "permit or an item gives it in `except CancelledError` to the next who waits"
)


class CancelPoints(Oracle):
    """Cancels a task at one await after the other, a run for each, and looks what is left.

    At each await there are two moments: when it begins, and when what it waits for has come and the task has not gone
    on. All of the first come first.
    """

    name = "cancel_points"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._at: int | None = None  # at which await, counted over all tasks; 0 for none, None outside of these runs
        self._is_late = False
        self._listener: CancelListener | None = None

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen only to the runs of this oracle."""
        self._listener = None
        return self._at is not None

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what cancels, and hears how everything is left."""
        if self._at is not None:
            self._listener = CancelListener(run, self._at, is_late=self._is_late)
        return self._listener

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Cancel at one await after the other."""
        limit = explorer.limit()
        usual: dict[tuple[str, str], int] = {}
        try:
            for self._is_late in (False, True):
                first = 1 if self._is_late else 0
                for self._at in range(first, POINTS + 1):
                    if found := self._cancelled(explorer, limit, usual):
                        return found
                    if self._at and not self._heard.places:
                        break
        finally:
            self._at = None
        return verdict

    def _cancelled(self, explorer: Explorer, limit: float, usual: dict[tuple[str, str], int]) -> Verdict | None:
        """Run with a task cancelled at that point, or with none, and learn then what is left as a rule."""
        for strategy, most in ((Strategy(), 1), (random_order(self.plan), RUNS)):
            for record in explorer.runs(strategy, most, limit):
                heard = self._heard
                if not self._at:
                    usual |= {key: max(each.count, usual.get(key, 0)) for key, each in heard.left.items()}
                elif heard.places and (headline := self._wrong(record, heard, usual)):
                    return self._told(explorer, record, heard, headline)
        return None

    @property
    def _heard(self) -> CancelListener:
        assert self._listener is not None
        return self._listener

    def _wrong(self, record: Record, heard: CancelListener, usual: dict[tuple[str, str], int]) -> str:
        """Say what is wrong with a run in which a task was cancelled; "" for nothing."""
        for (who, place), each in heard.left.items():
            alike = [count for (name, _), count in usual.items() if name == who]  # it may be made anew at another line
            if each.count > usual.get((who, place), max(alike, default=0)):
                return f"{each.who} {each.what}"
        if record.found is not None or not record.failed or _is_cancelled(record.error):
            return ""
        return explain.headline_of(record)

    def _told(self, explorer: Explorer, record: Record, heard: CancelListener, wrong: str) -> Verdict:
        errors = [] if record.error is None else [record.error]
        lines = [line for error in errors if not _is_cancelled(error) for line in stacks.error_lines(error, self.watch)]
        words = ["cancelled at", *("from" for _ in heard.places)]
        where = [f"{word} {place}: {place.source}" for word, place in zip(words, heard.places, strict=False)]
        made = [each.place for each in heard.left.values() if f"{each.who} {each.what}" == wrong]
        lanes = explorer.lanes(list(record.choices))
        report = explain.told(
            f"cancel point: {heard.who} is cancelled {_AT[self._is_late]}, and then {wrong}",
            [*where, *made, *lines],
            _LATE_ADVICE if self._is_late else _ADVICE,
            recorder=lanes,
            relevant=explorer.offered,
        )
        return self.failed(explorer, dataclasses.replace(report, tasks=record.states))


class CancelListener(Listener):
    """Cancels one task at one of its awaits.

    Attributes:
        who: The task.
        places: Where it waited, innermost first; none where the run did not come so far.
        left: What of the kind was left taken, by its name and the place where it was made.
    """

    def __init__(self, run: ListenedRun, at: int, *, is_late: bool) -> None:
        self.run = run
        self.who = ""
        self.places: list[Place] = []
        self.left: dict[tuple[str, str], Notice] = {}
        self._at = at
        self._is_late = is_late
        self._awaits = 0
        self._begun: set[int] = set()  # one that has not begun stands at no await

    def stepping(self, task: Task, part: Task) -> None:
        """Cancel who is about to go on after an await, if this is the await."""
        if self._is_late and part.id in self._begun:
            self._reach(part)

    def stepped(self, task: Task, part: Task, *, ended: bool) -> None:
        """Cancel who waits, if this is the await."""
        self._begun.add(part.id)
        if not self._is_late and not ended:
            self._reach(part)

    def _reach(self, part: Task) -> None:
        frames = part.stack() if self._at and part.can_be_cancelled() else []
        if not frames:
            return
        self._awaits += 1
        if self._awaits == self._at:
            self.who, self.places = part.name, [stacks.frame_place(each) for each in reversed(frames)]
            part.cancel()

    def noticed(self, notice: Notice) -> None:
        """Keep how something was left."""
        if notice.habit == CancelPoints.name:
            self.left[notice.who, notice.place] = notice


def _is_cancelled(error: BaseException | None) -> bool:
    """Tell whether an error says no more than that somebody was cancelled."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_cancelled, error.exceptions))
    return error is not None and type(error).__name__ == "CancelledError"
