"""Processes that others end: after each of their steps, and until they are joined they are there."""

import multiprocessing
import os
import signal
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.slow


def count_to_two(number: Any) -> None:
    number.value = 1
    number.value = 2


def started() -> tuple[Any, Any]:
    number = FORK.Value("i", 0, lock=False)
    process = FORK.Process(target=count_to_two, args=(number,))
    process.start()
    return process, number


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_process_may_be_ended_at_each_of_its_steps(how: str) -> None:
    def scenario() -> int:
        process, number = started()
        getattr(process, how)()
        process.join()
        assert process.exitcode is not None
        return int(number.value)

    verdict = explore(scenario, strategy="dpor", seconds=60.0, watch=[__name__])
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"0", "1", "2"}), verdict.reason


def test_a_process_that_has_ended_is_there_until_it_is_joined() -> None:
    """As the system keeps its number until then, a signal to it does nothing."""

    def scenario() -> None:
        process, _ = started()
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert process.exitcode is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGKILL)

    verdict = explore(scenario, strategy="dpor", seconds=60.0, watch=[__name__])
    assert (verdict.grade, verdict.error) == (Grade.SAMPLED, None)
    assert verdict.schedules > 1
