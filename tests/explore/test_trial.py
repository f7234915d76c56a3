"""A trial tells what comes with its order, and nothing that may have another cause."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from controlled import TESTS

from pytest_concurrency import Grade, Verdict
from pytest_concurrency._core.strategies.sampling import Sampling
from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._explore.trial import OUTSIDE, Trial
from pytest_concurrency._sight.watching import Watch


def tried(scenario: Callable[[], Any], *, seconds: float = 5.0, patience: float = 5.0) -> tuple[Trial, Verdict]:
    plan = Plan(schedules=60, strategy=Sampling(0), seconds=seconds, races="ignore")
    trial = Trial(scenario, plan, Watch([TESTS]), owner="it", command=lambda token: token, patience=patience)
    return trial, trial.run()


def in_two_threads(function: Callable[[], object]) -> None:
    threads = [threading.Thread(target=function) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        self.count += 1


def lost_update() -> None:
    counter = Counter()
    in_two_threads(counter.add)
    assert counter.count == 2


def test_an_error_of_a_class_that_the_scenario_makes_is_told() -> None:
    def scenario() -> None:
        class Lost(Exception):
            pass

        counter = Counter()
        in_two_threads(counter.add)
        if counter.count != 2:
            raise Lost

    trial, verdict = tried(scenario)
    assert (trial.doubt, trial.place) == ("", "")
    assert "main raised Lost" in str(verdict)


@pytest.mark.slow
def test_what_fails_in_one_order_and_passes_in_another_is_told() -> None:
    trial, verdict = tried(lost_update)
    assert (trial.doubt, trial.place) == ("", "")
    assert verdict.grade is Grade.FAILED
    assert 1 < trial.schedules <= 60


def test_so_is_what_fails_in_the_usual_order_and_passes_in_another() -> None:
    def scenario() -> None:
        counter = Counter()
        threading.Thread(target=counter.add).start()
        assert counter.count == 1

    trial, verdict = tried(scenario)
    assert (trial.doubt, trial.place) == ("", "")
    assert verdict.grade is Grade.FAILED
    assert verdict.schedules == 1


@pytest.mark.slow
def test_what_fails_in_every_order_is_in_doubt() -> None:
    def scenario() -> None:
        counter = Counter()
        in_two_threads(counter.add)
        assert counter.count == 3

    trial, verdict = tried(scenario)
    assert verdict.error is None
    assert (
        trial.doubt == "it fails under control in each order that was tried: main raised AssertionError: assert 2 == 3"
    )


@pytest.mark.parametrize("period", [2, 3, 5, 7])
def test_what_fails_now_and_then_is_in_doubt(period: int) -> None:
    calls = iter(range(100_000))  # its state is out of sight

    def scenario() -> None:
        in_two_threads(Counter().add)
        assert (next(calls) + 1) % period

    trial, verdict = tried(scenario)
    assert verdict.error is None or trial.doubt


@pytest.mark.slow
def test_what_waits_outside_is_not_tried_for_long() -> None:
    def scenario() -> None:
        source, sink = os.pipe()
        thread = threading.Thread(target=os.read, args=(source, 1))
        thread.start()
        in_two_threads(Counter().add)
        os.write(sink, b"x")
        thread.join()
        os.close(source)
        os.close(sink)

    trial, verdict = tried(scenario)
    assert verdict.grade is Grade.UNCONTROLLED
    assert trial.place
    assert trial.schedules == OUTSIDE


@pytest.mark.slow
def test_how_long_something_computes_is_no_failure() -> None:
    def scenario() -> None:
        in_two_threads(Counter().add)
        left = 100_000_000
        while left:
            left -= 1

    trial, verdict = tried(scenario, patience=0.2)
    assert verdict.error is None
    assert trial.place.startswith("main runs for ever at ")


@pytest.mark.slow
def test_what_was_remembered_is_tried_first() -> None:
    _, verdict = tried(lost_update)
    plan = Plan(schedules=60, strategy=Sampling(0), seconds=5.0, races="ignore")
    trial = Trial(lost_update, plan, Watch([TESTS]), owner="it", command=lambda token: token)
    trial.tries_first(verdict.replay)
    again = trial.run()
    assert (again.replay, again.schedules, trial.doubt) == (verdict.replay, 1, "")
