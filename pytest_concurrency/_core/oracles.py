"""Oracles: the one table of what is judged although no schedule fails by itself."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pytest_concurrency._core import callables, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Function = TypeVar("Function", bound="Callable[..., Any]")

IGNORE: Final = "ignore"
FAIL: Final = "fail"


class MisuseError(ValueError):
    """An oracle that cannot judge as it is asked to; the message shows what was given."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What one oracle needs to know: functions, or a number of 1 or more.

    Attributes:
        name: The keyword.
        means: What it is, for those who write it.
        default: What it is where nobody has said it; () for functions.
        needed: Whether the oracle has nothing to judge without it.
        named: Whether a function may be given by its name, too.
    """

    name: str
    means: str
    default: Any = ()
    needed: bool = False
    named: bool = True

    def read(self, given: Any) -> Any:
        """Return what was given in one form; functions may be given alone or in a list.

        Raises:
            ValueError: It is unusable.
        """
        if self.default != ():
            if isinstance(given, bool) or not isinstance(given, int) or given < 1:
                raise MisuseError(f"{self.name} must be a whole number >= 1, got {given!r}")
            return given
        functions = () if given is None else tuple(given) if isinstance(given, (list, tuple)) else (given,)
        for each in functions:
            if not callable(each) and not (self.named and isinstance(each, str) and each):
                given_as = "a function, its name," if self.named else "a function,"
                raise MisuseError(f"{self.name} must be {given_as} or a list of them, got {each!r}")
            if not self.named:
                require_plain(self.name, each)
        return functions


def require_plain(name: str, function: Any, given: str = "") -> None:
    """Refuse a function that is to be asked and cannot answer.

    Args:
        name: The keyword.
        function: What was given.
        given: What it is called with, where it is called with one argument.

    Raises:
        ValueError: It is async, a generator, or takes other arguments.
    """
    kind = callables.kind_of(function)
    if kind:
        raise MisuseError(f"{name} must be a plain function, got the {kind} {callables.shown(function)!r}")
    if not callables.takes(function, int(bool(given))):
        what = f"a function of {given}" if given else "a function without arguments"
        raise MisuseError(f"{name} must be {what}, got {callables.shown(function)!r}")


@dataclass(frozen=True, slots=True)
class Row:
    """One oracle.

    Attributes:
        name: What settings and findings call it.
        when: What it judges, as the end of "what to do when ...".
        error: What it raises.
        judge: Its file and class in the room of the oracles.
        turn: When it judges, and in which order it hears of a run: lowest first.
        extras: What it needs to know.
        is_setting: Whether a setting `ignore` or `fail` of its name turns it on.
    """

    name: str
    when: str
    error: type[errors.ConcurrencyError]
    judge: str
    turn: int
    extras: tuple[Extra, ...] = ()
    is_setting: bool = True


TABLE: Final = (
    Row(
        "busy_waiting",
        "a task asks in a loop instead of waiting",
        errors.BusyWaitFound,
        "busy_waiting.BusyWaits",
        turn=4,
    ),
    Row(
        "sleep_ordering",
        "the scenario fails when a sleep is overtaken",
        errors.SleepOrderFound,
        "sleeps.Sleeps",
        turn=3,
    ),
    Row(
        "ignored_timeouts",
        "a timed wait gives up and nobody looks at its answer",
        errors.IgnoredTimeoutFound,
        "timeouts.Timeouts",
        turn=5,
    ),
    Row(
        "kept_locks",
        "an error leaves a lock or a permit taken",
        errors.KeptLockFound,
        "kept_locks.KeptLocks",
        turn=2,
        extras=(Extra("inject", "functions in which an error is raised"),),
    ),
    Row(
        "starvation",
        "a task waits while others have their turn again and again",
        errors.StarvationFound,
        "starvation.Starvation",
        turn=7,
        extras=(
            Extra("turns", "functions whose calls are turns; none means locks"),
            Extra("bound", "how many turns of another task are too many while one waits", default=10),
        ),
    ),
    Row(
        "serialised",
        "functions named by `overlapping` are never in two tasks at once",
        errors.SerialisedFound,
        "serialised.Serialised",
        turn=1,
        extras=(Extra("overlapping", "functions that must be seen in two tasks at once", needed=True),),
    ),
    Row(
        "outliving_threads",
        "a thread runs on when its owner has returned",
        errors.OutlivingThreadFound,
        "outliving.Outliving",
        turn=6,
        extras=(Extra("owners", "functions whose threads must have ended when they return; none means the scenario"),),
    ),
    Row(
        "finalisers",
        "the collector comes while a lock is held, and a finaliser asks for that lock",
        errors.FinaliserFound,
        "finalisers.Finalisers",
        turn=10,
    ),
    Row(
        "blocking_calls",
        "a step of an event loop keeps the loop waiting while time passes",
        errors.BlockingCallFound,
        "in_the_loop.BlockingCalls",
        turn=11,
    ),
    Row(
        "locks_across_awaits",
        "a task awaits while it holds a lock of threads",
        errors.LockAcrossAwaitFound,
        "in_the_loop.LocksAcrossAwaits",
        turn=12,
    ),
    Row(
        "never_awaited",
        "a coroutine is made and never awaited",
        errors.NeverAwaitedFound,
        "noticed.NeverAwaited",
        turn=13,
    ),
    Row(
        "lost_exceptions",
        "a task of an event loop, or a greenlet, fails and nobody looks at its exception",
        errors.LostExceptionFound,
        "noticed.LostExceptions",
        turn=14,
    ),
    Row(
        "swallowed_cancellations",
        "a task that was cancelled goes on",
        errors.SwallowedCancellationFound,
        "noticed.SwallowedCancellations",
        turn=15,
    ),
    Row(
        "left_tasks",
        "a task has not ended when asyncio.run does, a greenlet when the scenario does, or one is collected unkept",
        errors.LeftTaskFound,
        "noticed.LeftTasks",
        turn=16,
    ),
    Row(
        "left_open",
        "an async generator with a clean-up to do, or a timer, is left to the end of its loop",
        errors.LeftOpenFound,
        "noticed.LeftOpen",
        turn=17,
    ),
    Row(
        "cancel_points",
        "a task that is cancelled at one of its awaits leaves something locked, lost or half done",
        errors.CancelPointFound,
        "cancel_points.CancelPoints",
        turn=18,
    ),
    Row(
        "invariants",
        "what `invariant` says is false after a step",
        errors.BrokenInvariantFound,
        "invariants.Invariants",
        turn=0,
        extras=(Extra("invariant", "functions that say whether all is well", named=False),),
        is_setting=False,
    ),
    Row(
        "open_sockets",
        "a socket that the scenario has made is closed by nobody",
        errors.OpenSocketFound,
        "noticed.OpenSockets",
        turn=19,
    ),
    Row(
        "deadlocks",
        "tasks take locks in different orders",
        errors.DeadlockFound,
        "deadlocks.Deadlocks",
        turn=8,
        is_setting=False,
    ),
    Row(
        "races",
        "accesses of several tasks are not ordered",
        errors.RaceFound,
        "races.Races",
        turn=9,
        is_setting=False,
    ),
)
NAMES: Final = tuple(row.name for row in TABLE if row.is_setting)
EXTRAS: Final = tuple(extra.name for row in TABLE for extra in row.extras)
LINEARIZABLE: Final = "linearizable"
"""What finds that no order explains a history: no row, as it judges only what `race.linearizable` runs."""
ERRORS: Final = {row.name: row.error for row in TABLE} | {LINEARIZABLE: errors.NotLinearizableFound}


@dataclass(frozen=True, slots=True)
class Oracles:
    """Which oracles judge an exploration, and what some of them need to know.

    Attributes:
        judging: Their names.
        extras: Each keyword of the table; functions as a tuple.
    """

    judging: frozenset[str] = frozenset()
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self.judging)

    def on(self, name: str) -> bool:
        """Tell whether an oracle judges."""
        return name in self.judging


def oracles(given: Mapping[str, Any]) -> Oracles:
    """Make an `Oracles` from keywords, functions given alone or in a list.

    Raises:
        TypeError: A keyword is unknown.
        ValueError: A value is unusable.
    """
    for name in given:
        if name not in NAMES and name not in EXTRAS:
            raise TypeError(f"an oracle must be one of {', '.join(NAMES)}, got {name!r}")
    for name in NAMES:
        if given.get(name, IGNORE) not in (IGNORE, FAIL):
            raise MisuseError(f"{name} must be one of ignore, fail, got {given[name]!r}")
    extras = {}
    for row in TABLE:
        for extra in row.extras:
            extras[extra.name] = value = extra.read(given.get(extra.name, extra.default))
            if value and extra.default == () and row.is_setting and given.get(row.name, IGNORE) != FAIL:
                asked = given.get(row.name, IGNORE)
                raise MisuseError(f"{extra.name} is for {row.name}='fail', got {row.name}={asked!r}")
    return Oracles(frozenset(name for name in NAMES if given.get(name) == FAIL), extras)


def take_extras(settings: dict[str, Any]) -> dict[str, Any]:
    """Take what belongs to single oracles out of the keywords of a call.

    Raises:
        ValueError: An oracle is asked for, but not what it needs to know.
    """
    taken: dict[str, Any] = {name: settings.pop(name) for name in EXTRAS if name in settings}
    for row in TABLE:
        for extra in row.extras:
            if extra.needed and settings.get(row.name) == FAIL and not taken.get(extra.name):
                what = "a function, its name, or a list of them"
                raise MisuseError(f"{row.name}='fail' needs {extra.name}=, {what}, got none")
    return taken


def documented(function: Function) -> Function:
    """Put what the table says into a docstring, in place of a line that says `<oracles>`, and into the signature."""
    told = []
    for row in TABLE:
        extras = "; ".join(f"`{extra.name}`: {extra.means}" for extra in row.extras)
        told += [f"`{row.name}`" + (f" (with {extras})" if extras else "")] if row.is_setting else []
    lines = (function.__doc__ or "").splitlines(keepends=True)  # python -OO leaves none
    for number, line in enumerate(lines):
        if line.strip() == "<oracles>":
            indent = line[: line.index("<")]
            lines[number] = textwrap.fill(", ".join(told) + ".", 100, initial_indent=indent, subsequent_indent=indent)
            lines[number] += "\n"
    function.__doc__ = "".join(lines) or None
    function.__signature__ = _with_oracles(inspect.signature(function))  # type: ignore[attr-defined] # any function has it
    return function


def _with_oracles(signature: inspect.Signature) -> inspect.Signature:
    """Return a signature with a keyword for each setting of the table in place of `**oracles`."""
    given = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    settings = dict.fromkeys(NAMES, IGNORE) | {extra.name: extra.default for row in TABLE for extra in row.extras}
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in settings.items()
        if name not in signature.parameters
    ]
    return signature.replace(parameters=[*given, *more])


@dataclass(frozen=True, slots=True)
class Found:
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
