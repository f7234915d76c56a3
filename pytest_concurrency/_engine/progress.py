"""The larger picture of a run, looked at now and then: interrupts, budgets, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task

CHECK_EVERY: Final = 512
NO_PROGRESS_AFTER: Final = 50_000
SAME_STATES: Final = 4
FAIR_SLICE: Final = 16


def check(run: Run, task: Task) -> None:
    """Look at the larger picture now and then: interrupts, budgets, progress."""
    run.checkpoint = run.steps + CHECK_EVERY
    if run.interrupt is not None:
        run.stop(task, ("interrupt", None))
    if run.steps >= run.max_steps:
        run.stop(task, ("cut", f"{run.max_steps} steps without an end"))
    if real.monotonic() > run.deadline:
        going = ", ".join(each.name for each in run.tasks if each.state is not ENDED)
        run.stop(task, ("cut", f"time was up while {going} still ran"))
    idle = run.steps - run.progress_at
    run.fair = idle > CHECK_EVERY
    run.opaque = run.opaque or run.fair  # the strategy is not asked: nothing is proved
    if idle > 2 * CHECK_EVERY:
        _look_at_idle(run, task)
    if idle > NO_PROGRESS_AFTER:
        waiting = run.clock.next_deadline() is not None
        if waiting:
            run.stop(task, ("cut", f"{idle} steps in which only time passed"))
        run.stop(task, ("no progress", idle))


def next_in_turn(run: Run, runnable: list[int], number: int | None) -> int:
    """Answer who goes next while nobody gets anywhere: each in turn, for a few steps."""
    run.fair_left -= 1
    if number is not None and run.fair_left > 0:
        return number
    run.fair_left = FAIR_SLICE
    later = [task for task in runnable if number is not None and task > number]
    return later[0] if later else runnable[0]


def _look_at_idle(run: Run, task: Task) -> None:
    """Let time pass while tasks only ask, and end a run in which everything comes back as it was."""
    if run.clock.next_deadline() is not None:
        run.let_time_pass()
        return
    if run.idle_since != run.progress_at:
        run.idle_since, run.idle_states = run.progress_at, {}
    frames, states = real.current_frames(), run.idle_states
    for number in run.runnable:
        state = (number, stacks.plain_state(frames.get(run.tasks[number].ident)))
        states[state] = states.get(state, 0) + 1
    often = {number for (number, _), times in states.items() if times >= SAME_STATES}
    if often.issuperset(run.runnable):
        run.stop(task, ("no progress", run.steps - run.progress_at))
