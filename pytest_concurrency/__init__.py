"""Find, replay and explain concurrency bugs in tests."""

from pytest_concurrency._core.errors import (
    BusyWaitFound,
    ChildFailed,
    ConcurrencyError,
    ConcurrencyWarning,
    DeadlockFound,
    IgnoredTimeoutFound,
    InternalError,
    KeptLockFound,
    LeakFound,
    NoProgressFound,
    OutlivingThreadFound,
    RaceFound,
    ReplayError,
    ScheduleError,
    SerialisedFound,
    SleepOrderFound,
    StarvationFound,
    StuckFound,
)
from pytest_concurrency._core.play import Played
from pytest_concurrency._core.verdict import Grade, Outcome, Verdict
from pytest_concurrency._explore.api import explore
from pytest_concurrency._explore.play import play

__version__ = "0.1.0"

__all__ = (
    "BusyWaitFound",
    "ChildFailed",
    "ConcurrencyError",
    "ConcurrencyWarning",
    "DeadlockFound",
    "Grade",
    "IgnoredTimeoutFound",
    "InternalError",
    "KeptLockFound",
    "LeakFound",
    "NoProgressFound",
    "Outcome",
    "OutlivingThreadFound",
    "Played",
    "RaceFound",
    "ReplayError",
    "ScheduleError",
    "SerialisedFound",
    "SleepOrderFound",
    "StarvationFound",
    "StuckFound",
    "Verdict",
    "explore",
    "play",
)

for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
