"""How a verdict is shown: the text instead of a traceback, and one line for each weak verdict."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core.errors import ConcurrencyError, DeadlockFound, PatchedError, ReplayError, ScheduleError
from pytest_concurrency._core.telling.text import render_report
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._plugin import hangs
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from pytest_concurrency._plugin.guard import Guard

_QUIET = ("proved", "sampled", "failed")
_COUNT = re.compile(r"\((?:schedule \d+|after \d+ schedules)\)\Z")


class Counted:
    """A failure's text that has above it how many schedules it took; by itself the text is equal in a replay.

    Attributes:
        reprcrash: Its `message` is what the short summary takes.
    """

    def __init__(self, text: str, count: str) -> None:
        self._text = text
        self._count = count
        self.reprcrash = SimpleNamespace(message=text.partition("\n")[0])

    def __str__(self) -> str:
        return self._text

    def toterminal(self, out: Any) -> None:
        """Print it, as pytest asks a failure to."""
        out.line(f"found {self._count}:")
        out.line(self._text)


def count(config: pytest.Config) -> None:
    """Say above each failure of an exploration how many schedules it took."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    for told in () if reporter is None else reporter.stats.get("failed", ()):
        for name, value in getattr(told, "user_properties", ()):
            found = _COUNT.search(str(value)) if name == "concurrency" else None
            if found is not None and isinstance(told.longrepr, str):
                words = found[0].strip("()")
                told.longrepr = Counted(told.longrepr, words if words.startswith("after") else f"in {words}")


def found_late(guard: Guard | None) -> pytest.ExceptionInfo[BaseException] | None:
    """Return what a test that passed is to fail with: a verdict that it swallowed, or errors of its threads."""
    try:
        if waits.verdicts:
            raise DeadlockFound(waits.verdicts[0])
        if guard is not None:
            guard.raise_errors()  # of threads that failed while nobody looked
    except BaseException:  # whatever a thread has raised
        return pytest.ExceptionInfo.from_current()
    return None


def of_ours(item: pytest.Item, call: pytest.CallInfo[Any]) -> pytest.TestReport | None:
    """Return the report of a failure that says more, or less, than pytest's own would; None of any other.

    A verdict's own text and the one line of a misuse stand for the engine's traceback; beside an
    error that hides a verdict, the verdict is shown.
    """
    assert call.excinfo is not None
    error = call.excinfo.value
    if isinstance(error, DeadlockFound) and (first := _before(error)) is not None:
        text = f"{first}\n\non its way out the test waited for ever once more\n{error}"
    elif isinstance(error, ConcurrencyError):
        text = "\n".join([str(error), *getattr(error, "__notes__", ())])  # Hypothesis notes its example
    elif isinstance(error, (ReplayError, ScheduleError, PatchedError, pytest.UsageError)):
        text = f"{call.excinfo.typename}: {error}"
    else:
        text = _explained(error)
    hidden = [] if isinstance(error, DeadlockFound) else hangs.sections()
    if not text and not hidden:
        return None
    report = pytest.TestReport.from_item_and_call(item, call)
    report.longrepr = text or report.longrepr
    report.sections += hidden
    return report


def _explained(error: BaseException) -> str:
    """Return what a kind of concurrency makes of an error of its own library, or ""."""
    watch = waits.watch
    if watch is None:
        return ""
    for kind in kinds.every():
        told = kind.explains(error, watch)
        if told is not None:
            return "\n".join([*render_report(told), "", f"{type(error).__name__}: {str(error).splitlines()[0]}"])
    return ""


def _before(error: DeadlockFound) -> DeadlockFound | None:
    """Return the first verdict, on the way out of which another one was raised."""
    first: DeadlockFound | None = None
    context = error.__context__
    while context is not None:
        if isinstance(context, DeadlockFound) and context.report is not error.report:
            first = context
        context = context.__context__
    return first


def summarise(reporter: Any) -> None:
    """Name the tests whose verdict is weaker than it looks; all of them with -v."""
    names = reporter.config.getini("concurrency_watch")
    lines = Watch([], names).unmatched("concurrency_watch") if names else []
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
