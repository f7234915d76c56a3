"""From what a run showed to the report that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.report import LaneStep, Report, TaskState
from pytest_concurrency._runtimes import stacks

if TYPE_CHECKING:
    from pytest_concurrency._runtimes.threads.harness import Record
    from pytest_concurrency._runtimes.threads.scribe import Scribe
    from pytest_concurrency._runtimes.watching import Watch


class StateLeftError(ValueError):
    """The same schedule, run twice, differed: a marked test leaves state behind."""


def name_of(scenario: Any) -> str:
    """Return the name of a scenario as a user would write it."""
    name: str = getattr(scenario, "__qualname__", type(scenario).__name__)
    return name.rpartition("<locals>.")[2]


def passes_through(error: BaseException) -> bool:
    """Tell whether an exception is no finding but a message to somebody above.

    Skips, expected failures, `hypothesis.assume`, SystemExit and Ctrl-C are; `pytest.fail` is a
    failure like any other.
    """
    kind = type(error)
    if kind.__module__ == "_pytest.outcomes" and kind.__name__ == "Failed":
        return False
    if kind.__module__.partition(".")[0] == "hypothesis":
        return True
    return not isinstance(error, Exception) and not isinstance(error, BaseExceptionGroup)


def combined(record: Record) -> BaseException:
    """Return the one error of a run, or all of them as a group."""
    errors = [error for _, error in record.errors]
    if record.error is not None:
        errors.insert(0, record.error)
    if len(errors) == 1:
        return errors[0]
    return BaseExceptionGroup("several tasks failed", errors)


def signature(record: Record, watch: Watch) -> Any:
    """Return what makes two failures the same: kind, type and place."""
    if not record.failed:
        return None
    if record.error is not None or record.errors:
        error = record.error if record.error is not None else record.errors[0][1]
        places = stacks.places(error, watch)
        return (type(error), str(places[-1]) if places else "")
    assert record.finding is not None
    return (record.finding[0],)


def difference(record: Record) -> str:
    """Say what a second run did instead."""
    if record.finding is not None and record.finding[0] == "strategy":
        return "the choices led to other operations"
    return headline_of(record) if record.failed else "it did not fail"


def headline_of(record: Record) -> str:
    """Say in one line what happened, and to whom."""
    if record.error is not None:
        return f"main raised {_brief(record.error)}"
    if record.errors:
        name, error = record.errors[0]
        more = f" and {len(record.errors) - 1} more" if len(record.errors) > 1 else ""
        return f"{name}{more} raised {_brief(error)}"
    assert record.finding is not None
    if record.finding[0] == "deadlock":
        stuck = [state.name for state in record.states if state.waiting is not None]
        who = ", ".join(stuck) or "the run"
        return f"deadlock: {who} {'wait' if len(stuck) > 1 else 'waits'} for ever"
    return "no progress: tasks run for ever and change nothing"


def _brief(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def report(
    record: Record, scribe: Scribe, watch: Watch, *, switches: int, replay: str, notes: tuple[str, ...]
) -> Report:
    """Tell a failing run."""
    error: tuple[str, ...] = ()
    if record.error is not None or record.errors:
        error = stacks.error_lines(combined(record), watch)
    if record.finding is not None and record.finding[0] == "deadlock" and error:
        notes = (*notes, "and then nobody could go on")
    if record.parked:
        notes = (*notes, f"could not be stopped and is left behind: {', '.join(record.parked)}")
    return Report(
        headline=headline_of(record),
        error=error,
        tasks=_worth_telling(record.states),
        lanes=_lanes(scribe.lanes),
        replay=replay,
        cause=cause_of(record, scribe.lanes),
        notes=notes,
    )


def _worth_telling(states: tuple[TaskState, ...]) -> tuple[TaskState, ...]:
    return tuple(states)


def _lanes(lanes: list[LaneStep]) -> tuple[LaneStep, ...]:
    return tuple(lanes)


def cause_of(record: Record, lanes: list[LaneStep]) -> str:
    """Name the likely cause, or nothing where it would be a guess."""
    if record.finding is not None and record.finding[0] == "deadlock" and not record.errors:
        return _deadlock_cause(record.states)
    if record.finding is not None and record.finding[0] == "no progress":
        return "a loop asks again and again for something that nobody will change; wait on a Condition, an Event or a Queue"
    return _lost_update(lanes)


def _deadlock_cause(states: tuple[TaskState, ...]) -> str:
    waits = {s.name: s.waiting for s in states if s.waiting is not None}
    cycle = _cycle({name: waiting.holders for name, waiting in waits.items()})
    if len(cycle) == 1:
        return f"{cycle[0]} waits for what it holds itself: use an RLock, or call the part that does not lock"
    if cycle:
        return f"{' waits for '.join([*cycle, cycle[0]])}: take these in the same order everywhere"
    actions = {waiting.action for waiting in waits.values()}
    for action, text in _CAUSES:
        if any(each.endswith(action) for each in actions):
            return text
    return ""


_CAUSES = (
    ("Queue.join", "task_done was called less often than get returned an item"),
    ("Queue.get", "nobody is left who would put an item: one end marker for each consumer is missing, or the producer ended early"),
    ("SimpleQueue.get", "nobody is left who would put an item: one end marker for each consumer is missing, or the producer ended early"),
    ("Queue.put", "the queue is full and nobody is left who would take an item"),
    ("Barrier.wait", "fewer tasks come to the barrier than it has parties"),
    ("Event.wait", "nobody is left who would set the event, or it was cleared before everybody had seen it"),
    ("Future.result", "the job that would give the result never gets a worker, or waits for this task"),
    ("Condition.wait", "the notification came before the wait (lost wake-up), or nobody is left to notify: test a predicate under the lock, with wait_for"),
    ("Condition.wait_for", "nobody is left who would make the predicate true and notify"),
    ("Semaphore.acquire", "a permit was not given back"),
    (".acquire", "a lock is kept by a task that has ended or will never release it"),
)  # fmt: skip


def _cycle(edges: dict[str, tuple[str, ...]]) -> list[str]:
    for start in edges:
        path = [start]
        while True:
            following = [each for each in edges.get(path[-1], ()) if each in edges]
            if not following:
                break
            if following[0] in path:
                return path[path.index(following[0]) :]
            path.append(following[0])
    return []


def _lost_update(lanes: list[LaneStep]) -> str:
    """Find a read that was overtaken by another task's write before its own write."""
    reads: dict[tuple[str, str], tuple[int, LaneStep]] = {}
    for number, step in enumerate(lanes):
        verb, _, name = step.what.partition(" ")
        if verb == "read":
            reads[step.task, name] = (number, step)
        elif verb == "write" and (step.task, name) in reads:
            began, read = reads[step.task, name]
            between = [s for s in lanes[began:number] if s.what == f"write {name}" and s.task != step.task]
            if between:
                return (
                    f"{step.task} read {name} at {read.place}, {between[0].task} wrote it at "
                    f"{between[0].place}, then {step.task} wrote it at {step.place} from the old value: "
                    "reading and writing must be one critical section"
                )
    return ""
