"""Find, replay and explain concurrency bugs in tests."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.errors import (
    BlockingCallFound,
    BrokenInvariantFound,
    BusyWaitFound,
    CancelPointFound,
    ChildFailed,
    ConcurrencyError,
    ConcurrencyWarning,
    DeadlockFound,
    FinaliserFound,
    IgnoredTimeoutFound,
    InternalError,
    KeptLockFound,
    LeakFound,
    LeftOpenFound,
    LeftTaskFound,
    LockAcrossAwaitFound,
    LostExceptionFound,
    NeverAwaitedFound,
    NoProgressFound,
    NotLinearizableFound,
    OpenSocketFound,
    OutlivingThreadFound,
    PatchedError,
    RaceFound,
    ReplayError,
    ScheduleError,
    SerialisedFound,
    SleepOrderFound,
    StarvationFound,
    StuckFound,
    SwallowedCancellationFound,
)

if TYPE_CHECKING:
    from pytest_concurrency._core.hand_written import Played
    from pytest_concurrency._core.linear.program import op
    from pytest_concurrency._core.telling.races import Race, RaceAccess
    from pytest_concurrency._core.verdict import Grade, Outcome, Verdict
    from pytest_concurrency._explore.api import explore
    from pytest_concurrency._explore.linearizable import linearizable
    from pytest_concurrency._explore.play import play

__version__ = "0.1.0"

__all__ = (
    "BlockingCallFound",
    "BrokenInvariantFound",
    "BusyWaitFound",
    "CancelPointFound",
    "ChildFailed",
    "ConcurrencyError",
    "ConcurrencyWarning",
    "DeadlockFound",
    "FinaliserFound",
    "Grade",
    "IgnoredTimeoutFound",
    "InternalError",
    "KeptLockFound",
    "LeakFound",
    "LeftOpenFound",
    "LeftTaskFound",
    "LockAcrossAwaitFound",
    "LostExceptionFound",
    "NeverAwaitedFound",
    "NoProgressFound",
    "NotLinearizableFound",
    "OpenSocketFound",
    "Outcome",
    "OutlivingThreadFound",
    "PatchedError",
    "Played",
    "Race",
    "RaceAccess",
    "RaceFound",
    "ReplayError",
    "ScheduleError",
    "SerialisedFound",
    "SleepOrderFound",
    "StarvationFound",
    "StuckFound",
    "SwallowedCancellationFound",
    "Verdict",
    "explore",
    "linearizable",
    "op",
    "play",
)

_ON_FIRST_USE = {  # pytest loads this package in every session, and most never explore
    "Grade": "_core.verdict",
    "Outcome": "_core.verdict",
    "Played": "_core.hand_written",
    "Race": "_core.telling.races",
    "RaceAccess": "_core.telling.races",
    "Verdict": "_core.verdict",
    "explore": "_explore.api",
    "linearizable": "_explore.linearizable",
    "op": "_core.linear.program",
    "play": "_explore.play",
}

for _name in set(__all__) - set(_ON_FIRST_USE):
    globals()[_name].__module__ = __name__
del _name


def __getattr__(name: str) -> Any:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ON_FIRST_USE[name]}"), name)
    value.__module__ = __name__
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_ON_FIRST_USE]
