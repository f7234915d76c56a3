"""Tasks that ask for ever in a loop, where no oracle judges it."""

import time

import pytest
from oracles.case import S, two

import pytest_concurrency
from pytest_concurrency import Grade, explore

pytestmark = pytest.mark.slow


def test_a_loop_that_nobody_ends_is_no_progress_soon() -> None:
    def scenario() -> None:
        two(lambda: _spin(state), lambda: _spin(state))

    state = S()
    assert type(explore(scenario, schedules=5).error) is pytest_concurrency.NoProgressFound


def _spin(state: S) -> None:
    while not state.done:
        pass


def test_a_spinning_task_lets_time_pass() -> None:
    def scenario() -> int:
        state = S()

        def later() -> None:
            time.sleep(3)
            state.done = True

        two(lambda: _spin(state), later)
        return 1

    verdict = explore(scenario, schedules=3)
    assert verdict.grade is not Grade.FAILED
    assert set(verdict.outcomes) == {"1"}
