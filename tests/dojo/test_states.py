"""From outcomes to states."""

import pytest

from pytest_concurrency._dojo import states
from pytest_concurrency._dojo.states import State


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([], State.AMBER),
        (["skipped"], State.AMBER),
        (["not started", "not started"], State.NOT_BEGUN),
        (["not started", "skipped"], State.NOT_BEGUN),
        (["passed", "not started"], State.BEGUN),
        (["passed", "skipped"], State.GREEN),
        (["passed", "not started", "failed"], State.RED),
        (["failed", "error"], State.AMBER),
        (["failed", "error", "hung", "passed"], State.HUNG),
    ],
)
def test_the_worst_outcome_decides(outcomes: list[str], state: State) -> None:
    assert states.state_of(outcomes) is state


def test_each_task_has_a_state_and_the_first_that_is_not_green_is_at_hand() -> None:
    found = states.states_of_tasks([(2, "failed"), (1, "passed"), (2, "passed"), (3, "not started")])
    assert found == {1: State.GREEN, 2: State.RED, 3: State.NOT_BEGUN}
    assert states.task_at_hand(found) == 2
    assert states.task_at_hand({1: State.GREEN}) is None


@pytest.mark.parametrize(
    "message",
    [
        "pytest_concurrency.DeadlockFound: deadlock: main, A wait for ever",
        "deadlock: main waits for ever",
        "pytest_concurrency.NoProgressFound: no progress",
        "pytest_concurrency.StuckFound: job did not end within 2 s",
        "Failed: Timeout (>10.0s) from pytest-timeout.",
        "main raised AssertionError\nDeadlockFound: deadlock",
        "main runs for ever at katas/tea/boil_water/boil_water.py:3",
        "no progress: tasks run for ever and change nothing",
    ],
)
def test_waiting_for_ever_is_a_hang(message: str) -> None:
    assert states.outcome_of_failure(message) == "hung"


@pytest.mark.parametrize(
    "message", ["AssertionError: 8 s instead of 5 s", "assert 1 == 2\n\n\n  # a comment: it waits for ever"]
)
def test_any_other_failure_is_none(message: str) -> None:
    assert states.outcome_of_failure(message) == "failed"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("", ""),
        ("AssertionError: the water is cold\nassert 1", "the water is cold"),
        ("\n  main raised AssertionError: one after the other\n  more", "one after the other"),
        ("RaceFound: main raised AssertionError: lost", "lost"),
        ("A raised KeyError: 'x'", "A raised KeyError: 'x'"),
        ("AssertionError: ", "AssertionError:"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_the_first_line_is_what_the_test_says(message: str, line: str) -> None:
    assert states.first_line(message) == line
