"""What the tests of the engine share: one controlled run, and the outcomes of all of them."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_concurrency import Grade, Verdict, explore
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.record import Record
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._sight.watching import Watch

TESTS = Path(__file__).parent


def run(scenario: Callable[[], Any], strategy: Strategy | None = None, **settings: Any) -> Record:
    """Run a scenario once, straight through unless a strategy says otherwise."""
    with Stage(Watch([TESTS]), (Threads(),), **settings) as stage:
        return stage.run(scenario, strategy or Strategy(), offered=set())


def value_of(scenario: Callable[[], Any], strategy: Strategy | None = None, **settings: Any) -> Any:
    """Return what a scenario returns in one controlled run; raise what went wrong there."""
    record = run(scenario, strategy, **settings)
    if record.error is not None:
        raise record.error
    assert not record.failed, (record.finding, record.states, record.errors)
    assert not record.uncontrolled, record.uncontrolled
    return record.value


def outcomes(scenario: Callable[[], Any], **settings: Any) -> set[str]:
    """Return every outcome that a scenario has in an exhaustive search."""
    verdict = explore(scenario, **{"strategy": "dpor", "schedules": 20_000, "seconds": 60.0, **settings})
    assert verdict.grade is Grade.PROVED, str(verdict)
    return set(verdict.outcomes)


def failed(scenario: Callable[[], Any], **settings: Any) -> Verdict:
    """Return the verdict on a scenario that some schedule makes fail."""
    verdict = explore(scenario, **settings)
    assert verdict.grade is Grade.FAILED, str(verdict)
    return verdict


def start_beside(process: Any) -> None:
    """Start a process outside a scenario, where a runner of tests may have threads of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
