"""Oracles: what is wrong in a run although it did not fail, decided from its events alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

IGNORE: Final = "ignore"
FAIL: Final = "fail"
SPINS: Final = 10
"""So many equal questions in a row, with nothing changed between, are a busy wait."""


@dataclass(frozen=True, slots=True)
class Oracles:
    """Which oracles judge an exploration, and what some of them need to know.

    Attributes:
        busy_waiting: Tasks that ask again and again instead of waiting.
        sleep_ordering: Schedules that fail only because a sleep did not last long enough.
        ignored_timeouts: Timed waits that gave up while nobody looked at their answer.
        kept_locks: Locks and permits that an error leaves taken.
        starvation: Tasks that wait while another has its turn again and again.
        serialised: Work that never overlapped in any schedule.
        outliving_threads: Threads that run on when their owner has returned.
        inject: Functions in which an error is raised for `kept_locks`.
        overlapping: Functions that `serialised` wants to see in two tasks at once.
        owners: Functions whose threads must have ended when they return; none means the scenario.
        turns: Functions whose calls are the turns that `starvation` counts; none means locks.
        bound: More turns of one other task than this, while a task waits, are starvation.
    """

    busy_waiting: str = IGNORE
    sleep_ordering: str = IGNORE
    ignored_timeouts: str = IGNORE
    kept_locks: str = IGNORE
    starvation: str = IGNORE
    serialised: str = IGNORE
    outliving_threads: str = IGNORE
    inject: tuple[Any, ...] = ()
    overlapping: tuple[Any, ...] = ()
    owners: tuple[Any, ...] = ()
    turns: tuple[Any, ...] = ()
    bound: int = 10

    @property
    def any(self) -> bool:
        """Whether there is anything to judge."""
        return any(getattr(self, name) == FAIL for name in NAMES)

    def on(self, name: str) -> bool:
        """Tell whether an oracle judges."""
        return bool(getattr(self, name) == FAIL)


NAMES: Final = tuple(each.name for each in fields(Oracles) if each.default == IGNORE)
EXTRAS: Final = ("inject", "overlapping", "owners", "turns", "bound")
_OF: Final = {"inject": "kept_locks", "overlapping": "serialised", "owners": "outliving_threads", "turns": "starvation"}


def oracles(given: dict[str, Any]) -> Oracles:
    """Make an `Oracles` from keywords, functions given alone or in a list.

    Raises:
        TypeError: A keyword is unknown.
        ValueError: A value is unusable.
    """
    values = dict(given)
    for name in values:
        if name not in NAMES and name not in EXTRAS:
            raise TypeError(f"an oracle must be one of {', '.join(NAMES)}, got {name!r}")
    for name in NAMES:
        if values.get(name, IGNORE) not in (IGNORE, FAIL):
            raise ValueError(f"{name} must be one of ignore, fail, got {values[name]!r}")
    for name, oracle in _OF.items():
        values[name] = functions = _functions(name, values.get(name))
        if functions and values.get(oracle, IGNORE) != FAIL:
            raise ValueError(f"{name} is for {oracle}='fail', got {oracle}={values.get(oracle, IGNORE)!r}")
    bound = values.setdefault("bound", 10)
    if isinstance(bound, bool) or not isinstance(bound, int) or bound < 1:
        raise ValueError(f"bound must be a whole number >= 1, got {bound!r}")
    return Oracles(**values)


def take_extras(settings: dict[str, Any]) -> dict[str, Any]:
    """Take what belongs to single oracles out of the keywords of a call.

    Raises:
        ValueError: `serialised` is asked for, but not of what.
    """
    extras: dict[str, Any] = {name: settings.pop(name) for name in EXTRAS if name in settings}
    if settings.get("serialised") == FAIL and not extras.get("overlapping"):
        raise ValueError("serialised='fail' needs overlapping=, a function, its name, or a list of them, got none")
    return extras


def _functions(name: str, given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    functions = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    for each in functions:
        if not callable(each) and not (isinstance(each, str) and each):
            raise ValueError(f"{name} must be a function, its name, or a list of them, got {each!r}")
    return functions


@dataclass(frozen=True, slots=True)
class Finding:
    """What an oracle has found in one run.

    Attributes:
        oracle: Its name.
        headline: What was done, by whom, in one line.
        evidence: The lines that show it.
        cause: Why it is wrong, and what to use instead.
        place: Where, as `file:line`: two findings of one oracle at one place are the same.
    """

    oracle: str
    headline: str
    evidence: tuple[str, ...]
    cause: str
    place: str


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
            each.slept = True

    def gave_way(self, task: int) -> None:
        """Note that a task released a lock."""
        for each in self._asked.get(task, {}).values():
            each.gave_way = True

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
