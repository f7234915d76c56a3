"""One run under a schedule that a person wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import ScheduleError
from pytest_concurrency._core.hand_written import Played, parse_steps
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._core.telling.text import render_lanes
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.choosing import ANY
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.scripts.by_hand import ByHand
from pytest_concurrency._engine.scripts.lines import Lines
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._explore.asynchronous import as_plain, refuse_running_loop
from pytest_concurrency._explore.plan import check_scenario, default_watch
from pytest_concurrency._runtimes import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._sight.watching import Watch

PATIENCE: Final = 10.0


def play(scenario: Callable[[], Any], steps: Sequence[str], *, check: bool = True, watch: Iterable[str] = ()) -> Played:
    """Run a scenario once, under a schedule written by hand.

    Each step names a task and says how far it goes on: `"A: until withdraw:12"` (before that line
    of the file is executed), `"A: until read balance"` (before it does that), `"A: until it
    waits"`, `"A: for 3 steps"`, `"A: to the end"`. A task is a thread's name, `main` for the
    scenario, or a number: the order of the start. A step takes its task at least one point on;
    the scenario itself goes on as long as the task has not been started; after the last step the
    run goes on by itself. Time passes where a step's task waits for it.

    Args:
        scenario: A function without arguments.
        steps: The schedule.
        check: Whether to raise what the scenario fails with; else it is in the answer.
        watch: Names of further packages or modules whose code offers switches.

    Returns:
        What happened; as text it is the interleaving.

    Raises:
        ConcurrencyError: The scenario fails under this schedule, and `check` is true.
        ScheduleError: The schedule cannot be read, or a step cannot happen; the message says what
            its task was doing instead.
    """
    check_scenario(scenario)
    return played(scenario, steps, default_watch(scenario, watch), check=check)


def played(scenario: Callable[[], Any], steps: Sequence[str], watch: Watch, *, check: bool) -> Played:
    """Run a scenario once under a schedule; see `play`."""
    if here.task is not None:
        raise RuntimeError(f"play must be called outside a controlled run, got a call from task {here.task.name!r}")
    refuse_running_loop("play")
    parsed = parse_steps(steps)
    recorder, director, lines = Recorder(watch), ByHand(watch, parsed), Lines(parsed)
    try:
        lines.start()
        with Stage(watch, kinds.staged(), time=ANY, patience=PATIENCE) as stage:
            record = stage.run(as_plain(scenario), Strategy(), offered=set(), recorder=recorder, guide=director)
    finally:
        lines.stop()
    if record.interrupt is not None:
        raise record.interrupt
    if not director.problem and record.error is not None and explain.passes_through(record.error):
        raise record.error
    return _judged(record, recorder, director, lines, check=check)


def _judged(record: Record, recorder: Recorder, director: ByHand, lines: Lines, *, check: bool) -> Played:
    shown = recorder.told(record.widened)
    lanes = "\n".join(render_lanes(shown, recorder.columns)).strip("\n")
    if not director.problem and not record.failed:
        director.finish(run_ended=record.finding is None)
    if director.problem:
        lanes = "\n".join(render_lanes(tuple(recorder.lanes), recorder.columns)).strip("\n")
        raise ScheduleError("\n".join([director.problem, *_hint(director, lines), "", lanes]).rstrip())
    if not record.failed:
        return Played(lanes, None, record.value)
    report = explain.report(
        record, recorder, recorder.watch, relevant=record.widened, notes=("under a schedule written by hand",)
    )
    error = explain.error_for(record, report)
    if check:
        raise error
    return Played(lanes, error)


def _hint(director: ByHand, lines: Lines) -> list[str]:
    """Name the lines of a function where a step's line is none of them."""
    step = director.step
    if step is None or step.kind != "line":
        return []
    for function, known in lines.seen.items():
        if step.is_line_of(function) and step.line not in known:
            there = ", ".join(map(str, sorted(known)))
            return [f"  {function} has no code in line {step.line}; it has some in {there}"]
    if not director.is_elsewhere and not any(step.is_line_of(function) for function in lines.seen):
        return [f"  nobody called a function {step.function}"]
    return []
