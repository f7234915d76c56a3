"""How a verdict is shown: the text instead of a traceback, and one line for each weak verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.errors import ConcurrencyError

if TYPE_CHECKING:
    import pytest

_QUIET = ("proved", "sampled", "failed")


def shorten(report: Any, call: pytest.CallInfo[Any]) -> None:
    """Show a verdict's own text instead of the engine's traceback."""
    if call.excinfo is not None and isinstance(call.excinfo.value, ConcurrencyError):
        report.longrepr = str(call.excinfo.value)


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
