"""How a verdict is shown: the text instead of a traceback, and one line for each weak verdict."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core.errors import ConcurrencyError, DeadlockFound, PatchedError, ReplayError, ScheduleError
from pytest_concurrency._core.telling.text import render_report
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._plugin import hangs, options, shown
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Place, Report
    from pytest_concurrency._plugin.guard import Guard

_QUIET = ("proved", "sampled", "failed")
_COUNT = re.compile(r"\((?:schedule \d+|after \d+ schedules?)\)\Z")


def show(config: pytest.Config) -> None:
    """Let the terminal show our failures as they should be there, below how many schedules they took."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    for category in () if reporter is None else ("failed", "error"):
        for told in reporter.stats.get(category, ()):
            where = getattr(told, "race_where", None)
            if where is not None and isinstance(told.longrepr, str):
                style = config.option.tbstyle if category == "failed" else ""  # errors are always shown whole
                folds = shown.has_width(config)
                told.longrepr = shown.Shown(told.longrepr, _counted(told), tuple(where), style=style, folds=folds)


def _counted(told: Any) -> str:
    """Return in which schedule a failure was found, or after how many; "" where that is not known."""
    words = ""
    for name, value in getattr(told, "user_properties", ()):
        found = _COUNT.search(str(value)) if name == "concurrency" else None
        if found is not None:
            words = found[0].strip("()")
    return f"in {words}" if words.startswith("schedule") else words


def found_late(verdicts: list[Report], guard: Guard | None) -> pytest.ExceptionInfo[BaseException] | None:
    """Return what is to fail though it has passed: for a verdict that was swallowed, or for errors of threads."""
    try:
        if verdicts:
            raise DeadlockFound(verdicts[0])
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
    error, told = call.excinfo.value, partial(shown.lines_of, config=item.config)
    if isinstance(error, DeadlockFound) and (first := _before(error)) is not None:
        again = "on its way out the test waited for ever once more"
        text = "\n".join([*told(first.report), "", again, *told(error.report)])
    elif isinstance(error, ConcurrencyError):
        text = "\n".join([*told(error.report), *getattr(error, "__notes__", ())])  # of Hypothesis
    elif isinstance(error, (ReplayError, ScheduleError, PatchedError, pytest.UsageError)):
        text = f"{call.excinfo.typename}: {error}"
    elif isinstance(error, shown.Complaint):
        text = str(error)
    else:
        text = _explained(error)
    hidden = [] if isinstance(error, DeadlockFound) else hangs.sections()
    if not text and not hidden:
        return None
    report = pytest.TestReport.from_item_and_call(item, call)
    if text:
        report.longrepr = text
        report.race_where = _where(item, error)  # type: ignore[attr-defined] # passes from a worker to `show`
    report.sections += hidden
    return report


def _where(item: pytest.Item, error: BaseException) -> tuple[str, int]:
    """Return file and number of the user's line at which a test fails: of the error, of a wait, of the last step."""
    places: list[Place] = []
    if isinstance(error, ConcurrencyError):
        told, watch = error.report, waits.watch
        if error.__cause__ is not None and watch is not None:
            places += stacks.places(error.__cause__, watch)[-1:]
        places += [task.place for task in told.tasks if task.place is not None and task.waiting is not None]
        places += [step.place for step in reversed(told.lanes)]
    for place in places:
        if place.line:
            return place.file, place.line
    return item.location[0], (item.location[1] or 0) + 1


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
                    lines.append(f"{getattr(report, 'race_whole', report.nodeid)}: {value}")
    joining: Any = reporter.config.pluginmanager.getplugin(options.SHARDS)
    if joining is not None:
        lines += joining.unfinished
    if lines:
        reporter.section("concurrency", sep="-")
        folds = shown.has_width(reporter.config)
        for text in dict.fromkeys(lines):
            for line in text.splitlines():
                is_command = not folds or line.startswith("  again: ")
                for part in [line] if is_command else shown.folded(line, reporter._tw.fullwidth):
                    reporter.line(part)
