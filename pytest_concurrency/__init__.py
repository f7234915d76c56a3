"""Find, replay and explain concurrency bugs in tests."""

from pytest_concurrency._core.errors import (
    ConcurrencyError,
    ConcurrencyWarning,
    DeadlockFound,
    InternalError,
    NoProgressFound,
    RaceFound,
    ReplayError,
)
from pytest_concurrency._core.verdict import Grade, Outcome, Verdict
from pytest_concurrency._explore.runner import explore

__version__ = "0.1.0"

__all__ = (
    "ConcurrencyError",
    "ConcurrencyWarning",
    "DeadlockFound",
    "Grade",
    "InternalError",
    "NoProgressFound",
    "Outcome",
    "RaceFound",
    "ReplayError",
    "Verdict",
    "explore",
)

for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
