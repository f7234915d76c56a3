"""The contract between an exploration, which runs schedules, and an oracle, which judges what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._core import strategies
from pytest_concurrency._core.oracles import ERRORS
from pytest_concurrency._core.verdict import Grade, Verdict, schedules
from pytest_concurrency._engine.choosing import ANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from pytest_concurrency._core.errors import ConcurrencyError
    from pytest_concurrency._core.oracles import Oracles
    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.listener import Listener
    from pytest_concurrency._engine.record import Record, Seen
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._sight.watching import Watch

LISTEN_EVERY: Final = 40
EARLY_RUNS: Final = 60
EARLY_LEAST: Final = 10

Marks = tuple["Mark", ...]


class Asked(Protocol):
    """What an oracle needs of the plan of its exploration; the meaning of each field is `explore`'s."""

    @property
    def schedules(self) -> int: ...
    @property
    def strategy(self) -> object: ...
    @property
    def seed(self) -> int: ...
    @property
    def preemptions(self) -> int | None: ...
    @property
    def clock(self) -> str: ...
    @property
    def races(self) -> str: ...
    @property
    def oracles(self) -> Oracles: ...


class Runs(Protocol):
    """Further runs, made while they are looked at.

    Attributes:
        ended: Whether the strategy has no more to try.
    """

    ended: bool

    def __iter__(self) -> Iterator[Record]: ...


class Explorer(Protocol):
    """What an oracle may ask of its exploration.

    Attributes:
        offered: Sites where runs offer switches; grows with what they show.
        count: How many schedules the search has tried.
        uncontrolled: (task, place) of what waited outside the engine's control in them.
        limited: Lines (file, number) at which one of them has waited with a limit that came in none.
    """

    offered: set[int]
    count: int
    uncontrolled: list[tuple[str, Any]]
    limited: set[tuple[str, int]]

    @property
    def outcomes(self) -> Mapping[str, Seen]:
        """What the scenario returned in them, as text, and how to see it again."""

    def limit(self) -> float:
        """Return until when further runs may be made: what is left for the search, and a little at least."""

    def runs(self, strategy: Strategy, most: int, until: float) -> Runs:
        """Run at most so many further schedules, of which none begins after that time."""

    def early(self, mode: str) -> AbstractContextManager[None]:
        """Let deadlines come in the body before nobody can run: `SLEEPS` their ends, `ANY` every one."""

    def lanes(self, choices: list[int]) -> Recorder:
        """Run once more what has just been run, for its interleaving."""

    def smallest(
        self, choices: list[int], offered: set[int], shows: Callable[[Record], bool]
    ) -> tuple[Record, Recorder, Marks] | None:
        """Return a run that shows it with as few switches as can be; None where it does not come again."""

    def investigate(self, record: Record, number: int) -> Verdict:
        """Make the failure of the last run small and tell it; it is that of schedule `number`."""

    def token(self, marks: Marks) -> str:
        """Return what a schedule is replayed by."""

    def command(self, token: str) -> str:
        """Return what a user pastes to replay it."""


class Oracle:
    """Judges one exploration. Every method but `__init__` may be left as it is: it does nothing.

    The exploration makes one for each row of the table that is to judge, from the plan and the
    watch. For every run it calls `prepare`, for one that is listened to `listens`, and after it
    `heard`; when the search found no failure it calls `after`, in the order of the table and only
    as long as nobody has found one.

    Attributes:
        name: That of its row in the table.
        enters: Functions of which it is to hear when they are entered.
        hears_answers: Whether it is to hear what timed waits answer.
        doubt: Why no search proves anything while it judges; "" where that makes no difference.
        knows_every_lock: Whether locks are to take part that functions have captured before there were doubles.
    """

    name = ""
    enters: tuple[Any, ...] = ()
    hears_answers = False
    doubt = ""
    knows_every_lock = False

    def __init__(self, plan: Asked, watch: Watch) -> None:
        self.plan = plan
        self.watch = watch

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Make ready for the next run; answer whether to listen to it, which makes it slower.

        Args:
            number: How many schedules the search has tried before; None for a run outside it.
            replay: Whether the run is a recorded one, which a user wants to see again.
        """
        return True

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what listens to a run; called also where only others want to listen to it."""
        return None

    def heard(self, record: Record, offered: set[int]) -> None:
        """Take over what the run has shown that was prepared last; `offered` are its sites of switches."""

    def error(self, record: Record, report: Report) -> ConcurrencyError | None:
        """Return the error that tells the failure of the last run better than its own; None else."""
        return None

    def replayed(self, explorer: Explorer, record: Record, recorder: Recorder, marks: Marks) -> Verdict | None:
        """Tell what a replay that does not fail shows all the same; None for nothing."""
        return None

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Return the verdict of a search without a failure, judged, with further schedules if need be."""
        return verdict

    def failed(self, explorer: Explorer, report: Report) -> Verdict:
        """Return the verdict that this oracle has found something in all schedules together."""
        reason = f"{report.headline} (after {schedules(explorer.count)})"
        return Verdict(Grade.FAILED, explorer.count, reason, ERRORS[self.name](report))


def is_heard(number: int) -> bool:
    """Tell whether a sample holds this schedule: the first, the second, the fourth and so on, and some more."""
    return not number & (number + 1) or number % LISTEN_EVERY == 0


def random_order(plan: Asked) -> Strategy:
    """Return the strategy by which most oracles try further schedules."""
    return strategies.make("random", seed=plan.seed, preemptions=None)


def early_runs(explorer: Explorer) -> int:
    """Return in how many further schedules deadlines may come early: in a part of those that were tried."""
    return min(explorer.count, max(EARLY_LEAST, explorer.count // 20), EARLY_RUNS)


def early_deadlines(explorer: Explorer, plan: Asked, verdict: Verdict) -> Verdict:
    """Let waits give up that others would end: whoever looks away does so in most schedules."""
    with explorer.early(ANY):
        for number, record in enumerate(explorer.runs(random_order(plan), early_runs(explorer), explorer.limit()), 1):
            if record.found is not None and not record.raised:
                return explorer.investigate(record, number)
    return verdict
