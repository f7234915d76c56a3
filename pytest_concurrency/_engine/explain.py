"""From what a run showed, or how tasks wait, to the report that a person reads: the only maker of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import ConcurrencyError, DeadlockFound, NoProgressFound, RaceFound
from pytest_concurrency._core.oracles import ERRORS
from pytest_concurrency._core.telling import causes
from pytest_concurrency._core.telling.overtaken import overtaken_read
from pytest_concurrency._core.telling.report import Report
from pytest_concurrency._engine.record import FOREVER
from pytest_concurrency._engine.scripts.deciding import decides
from pytest_concurrency._engine.scripts.raising import with_errors
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._sight.watching import Watch


TIES: Final = 3  # as many are told
_RUNNERS: Final = frozenset({"_pytest", "hypothesis"})
_ENDS: Final = frozenset({"asyncio.exceptions", "gevent.timeout", "greenlet"})
"""Modules whose exceptions end a task, and are no `Exception`."""


class StateLeftError(ValueError):
    """The same schedule, run twice, differed: a marked test leaves state behind."""


def name_of(scenario: Any) -> str:
    """Return the name of a scenario as a user would write it."""
    name: str = getattr(scenario, "__qualname__", type(scenario).__name__)
    return name.rpartition("<locals>.")[2]


def passes_through(error: BaseException) -> bool:
    """Tell whether an exception is no finding but a message to somebody above.

    Skips, expected failures, `hypothesis.assume`, `pytest.exit`, SystemExit and Ctrl-C are; `pytest.fail` is a
    failure like any other.
    """
    kind = type(error)
    if kind.__name__ == "Failed" and hasattr(error, "pytrace"):  # pytest says it is a built-in
        return False
    if kind.__name__ == "Exit" and hasattr(error, "returncode"):
        return True  # of pytest; it is an `Exception`
    if kind.__module__.partition(".")[0] == "hypothesis":
        return True
    if not _ENDS.isdisjoint(each.__module__ for each in kind.__mro__):
        return False  # a task was cancelled, or its time was up, and the scenario did not expect it
    return not isinstance(error, Exception) and not isinstance(error, BaseExceptionGroup)


def is_for_a_runner(error: BaseException) -> bool:
    """Tell whether an exception is meant for who runs tests: Ctrl-C, or a skip and the like.

    What else passes through, SystemExit for one, fails a test where it is raised in it.
    """
    modules = {each.__module__.partition(".")[0] for each in type(error).__mro__}
    return isinstance(error, KeyboardInterrupt) or not modules.isdisjoint(_RUNNERS)


def passes_a_test(error: BaseException) -> bool:
    """Tell whether an exception that a test raises is no failure of it."""
    return passes_through(error) and is_for_a_runner(error)


def errors_of(record: Record) -> list[tuple[str, BaseException]]:
    """Return who raised what in a run, the scenario itself first."""
    own = [] if record.error is None else [("main", record.error)]
    return own + record.errors


def combined(record: Record) -> BaseException:
    """Return the one error of a run, or all of them as a group."""
    errors = [error for _, error in errors_of(record)]
    if len(errors) == 1:
        return errors[0]
    return BaseExceptionGroup("several tasks failed", errors)


def signature(record: Record, watch: Watch) -> Any:
    """Return what makes two failures the same: kind, type and place.

    The type by its name, as a scenario that has a class of its own makes that anew in each run.
    """
    if not record.failed:
        return None
    if record.raised:
        error = record.error if record.error is not None else record.errors[0][1]
        places = stacks.places(error, watch)
        kind = type(error)
        return (kind.__module__, kind.__qualname__, str(places[-1]) if places else "")
    if record.found is not None:
        return (record.found.oracle, record.found.place)
    assert record.finding is not None
    return (record.finding.kind,)


def difference(record: Record) -> str:
    """Say what a second run did instead."""
    if record.refused is not None:
        where = getattr(record.refused, "where", "")
        return f"the choices led to other operations{f' at {where}' if where else ''}"
    return headline_of(record) if record.failed else "it did not fail"


def headline_of(record: Record) -> str:
    """Say in one line what happened, and to whom."""
    if record.error is not None:
        return f"main raised {_brief(record.error)}"
    if record.errors:
        name, error = record.errors[0]
        more = f" and {len(record.errors) - 1} more" if len(record.errors) > 1 else ""
        return f"{name}{more} raised {_brief(error)}"
    if record.found is not None:
        return record.found.headline
    if record.ended_by("deadlock"):
        return causes.deadlock_headline(record.states)
    if record.finding is not None and record.ended_by(FOREVER):
        return str(record.finding.detail)
    return "no progress: tasks run for ever and change nothing"


def _brief(error: BaseException) -> str:
    text = stacks.without_addresses(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def error_for(record: Record, report: Report) -> ConcurrencyError:
    """Return the error that tells a failing run."""
    if record.raised:
        error: ConcurrencyError = RaceFound(report)
        error.__cause__ = combined(record)
        return error
    if record.found is not None:
        return ERRORS.get(record.found.oracle, NoProgressFound)(report)
    return DeadlockFound(report) if record.ended_by("deadlock") else NoProgressFound(report)


def report(
    record: Record,
    recorder: Recorder,
    watch: Watch,
    *,
    relevant: set[int],
    replay: str = "",
    notes: tuple[str, ...] = (),
) -> Report:
    """Tell a failing run; of its interleaving what happens at the relevant sites, and all synchronisation."""
    error: tuple[str, ...] = ()
    if record.raised:
        error = stacks.error_lines(combined(record), watch)
    elif record.found is not None:
        error = record.found.evidence
    if record.ended_by("deadlock") and error:
        notes = (*notes, "and then nobody could go on")
    notes = (*notes, *record.ties[:TIES])
    if record.parked:
        notes = (*notes, f"could not be stopped and is left behind: {', '.join(record.parked)}")
    return Report(
        headline=headline_of(record),
        error=error,
        tasks=record.states,
        columns=recorder.columns,
        lanes=with_errors(recorder.told(relevant), errors_of(record), watch),
        replay=replay,
        cause=cause_of(record, recorder),
        notes=notes,
        picture=recorder.picture(relevant),
    )


def told(
    headline: str,
    evidence: Iterable[str] = (),
    cause: str = "",
    *,
    recorder: Recorder | None = None,
    relevant: set[int] | None = None,
    replay: str = "",
) -> Report:
    """Tell what an oracle has found, with the interleaving of a run that shows it where there is one."""
    return Report(
        headline,
        error=tuple(evidence),
        columns=() if recorder is None else recorder.columns,
        lanes=() if recorder is None else recorder.told(relevant or set()),
        replay=replay,
        cause=cause,
        picture=None if recorder is None else recorder.picture(relevant or set()),
    )


def waits(states: Iterable[TaskState]) -> Report:
    """Tell that all these wait for ever."""
    states = tuple(states)
    return standing(causes.deadlock_headline(states), states, cause=causes.deadlock_cause(states))


def standing(headline: str, states: Iterable[TaskState] = (), *, notes: Iterable[str] = (), cause: str = "") -> Report:
    """Tell how those stand who should have ended."""
    return Report(headline, tasks=tuple(states), notes=tuple(notes), cause=cause)


def cause_of(record: Record, recorder: Recorder) -> str:
    """Name the likely cause, or nothing where it would be a guess."""
    if record.ended_by("deadlock") and not record.errors:
        return causes.deadlock_cause(record.states, lost=_lost_update(recorder))
    if record.found is not None:
        return record.found.cause or _lost_update(recorder)
    if record.ended_by(FOREVER):
        return "a loop in which nothing happens that others could see has no end"
    if record.ended_by("no progress"):
        return (
            "a loop asks again and again for something that nobody will change; "
            "wait on a Condition, an Event or a Queue"
        )
    return _lost_update(recorder)


def _lost_update(recorder: Recorder) -> str:
    return overtaken_read(zip(recorder.lanes, recorder.touched, strict=True), decides)
