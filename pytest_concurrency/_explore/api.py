"""The public function `explore`: the engine without pytest."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.errors import ConcurrencyWarning
from pytest_concurrency._core.oracles import documented
from pytest_concurrency._core.oracles import oracles as judged_by
from pytest_concurrency._engine import explain
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.plan import Plan, check_scenario, default_watch
from pytest_concurrency._explore.replaying import given, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._core.strategy import Strategy
    from pytest_concurrency._core.verdict import Verdict


@documented
def explore(
    scenario: Callable[[], Any],
    *,
    schedules: int = 1000,
    strategy: str | Strategy = "auto",
    seed: int = 0,
    preemptions: int | None = None,
    seconds: float | None = None,
    races: str = "report",
    clock: str = "exact",
    order: str = "documented",
    watch: Iterable[str] = (),
    stop_on_failure: bool = True,
    replay: str | None = None,
    **oracles: Any,
) -> Verdict:
    """Run a scenario under many schedules and tell what they showed.

    The scenario is called once per schedule, in the calling thread; threads that it starts are
    real threads, of which one runs at a time. It should make its state anew at every call.

    Args:
        scenario: A function without arguments; an `async` one runs in an event loop of its own. What
            it returns, compared by `repr`, is its outcome; what it or one of its threads or tasks
            raises is the finding.
        schedules: Try at most so many.
        strategy: `auto`, `random`, `pct`, `pos`, `surw`, `dfs`, `dpor`, or a `Strategy` of your own.
        seed: Makes random strategies repeatable.
        preemptions: Bound on preemptions for `dfs`; None is no bound.
        seconds: Try no longer than this (real time); None is 10 s. A schedule that is not over then
            is cut within half a second, whoever has the turn: a task that waits in a lock, a file or a
            socket of the system is left behind. A failure is then run again, made smaller for 3 s
            and told, in at most 10 s more; oracles may try further schedules for 2 s each. A task
            that runs for a quarter of `seconds` without touching anything shared, and comes back
            to the same states, runs for ever, which is a failure; if its variables change,
            after half of `seconds`.
        races: What to do about unordered accesses: `fail`, `report` or `ignore`.
        clock: `exact` (time moves only when nobody can run) or `any` (time may pass at any step).
        order: What a loop of asyncio or gevent may do: `strict`, only what their own loops do under some timing;
            `documented`, also equal deadlines in any order, which both leave open; `any`, also
            a task's or greenlet's next step later than its place, as if an await took longer.
        watch: Names of further packages or modules whose code offers switches.
        stop_on_failure: Whether to end at the first failure.
        replay: A token from `Verdict.replay`, or a file that holds one: run that one schedule again.
        **oracles: What else to judge, each `"fail"` or `"ignore"` (the default):
            <oracles>
            `invariant`: a function, or a list of them, without arguments, that must not return false, nor raise
            AssertionError, after any step.

    Returns:
        The verdict; what the scenario does is never raised, except that Ctrl-C, SystemExit,
        skips and the like pass through.

    Raises:
        TypeError: The scenario is not a function without arguments.
        ValueError: A setting or the replay is not usable.
        RuntimeError: Called from inside a controlled run.
    """
    check_scenario(scenario)  # what follows is short; the text above tells users every setting
    plan = Plan(
        schedules=schedules, strategy=strategy, seed=seed, preemptions=preemptions, seconds=seconds, races=races,
        clock=clock, order=order, stop_on_failure=stop_on_failure, oracles=judged_by(oracles),
    )  # fmt: skip
    name = explain.name_of(scenario)
    owner = f"{getattr(scenario, '__module__', '')}.{name}"
    whose = default_watch(scenario, watch)
    for line in whose.unmatched("watch"):
        warnings.warn(ConcurrencyWarning(line), stacklevel=2)
    exploration = Exploration(
        scenario,
        plan,
        whose,
        owner=owner,
        command=lambda token: f"explore({name}, replay={kept(token)!r})",
    )
    verdict = exploration.run(None if replay is None else given(replay))
    if "nothing was watched" in verdict.reason:
        warnings.warn(ConcurrencyWarning("nothing was watched: set concurrency_watch"), stacklevel=2)
    return verdict
