"""How a verdict is shown: the text instead of a traceback, and one line for each weak verdict."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_concurrency._core.errors import ConcurrencyError, ReplayError, ScheduleError

_QUIET = ("proved", "sampled", "failed")


def shorten(report: Any, call: pytest.CallInfo[Any]) -> None:
    """Show a verdict's own text, or a misuse's one line, instead of the engine's traceback."""
    if call.excinfo is None:
        return
    error = call.excinfo.value
    if isinstance(error, ConcurrencyError):
        report.longrepr = "\n".join([str(error), *getattr(error, "__notes__", ())])  # Hypothesis notes its example
    elif isinstance(error, (ReplayError, ScheduleError, pytest.UsageError)):
        report.longrepr = f"{call.excinfo.typename}: {error}"


def summarise(reporter: Any) -> None:
    """Name the tests whose verdict is weaker than it looks; all of them with -v."""
    lines = []
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                grade = str(value).partition(":")[0]
                if name == "concurrency" and report.when == "call" and (grade not in _QUIET or reporter.verbosity > 0):
                    lines.append(f"{report.nodeid}: {value}")
    if lines:
        reporter.section("concurrency", sep="-")
        for line in dict.fromkeys(lines):
            reporter.line(line)
