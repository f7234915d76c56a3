"""A schedule that is written by hand leads processes, too: to a line, to an operation, to the end."""

import multiprocessing
import re
from typing import Any

import pytest

from pytest_concurrency import ScheduleError, play

FORK = multiprocessing.get_context("fork")


def send(total: Any, by: int) -> None:
    seen = total.value
    seen += by
    total.value = seen


LINE = send.__code__.co_firstlineno + 2


def scenario() -> None:
    total = FORK.Value("i", 0, lock=False)
    processes = [FORK.Process(target=send, args=(total, 1), name=name) for name in ("Ann", "Bob")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert total.value == 2, "one is lost"


@pytest.mark.parametrize("until", [f"send:{LINE}", f"send:{LINE + 1}", "write total"])
def test_the_race_strikes(until: str) -> None:
    told = str(play(scenario, [f"Ann: until {until}", "Bob: to the end"], check=False).error)
    assert "one is lost" in told
    assert re.search(rf"Ann wrote it at \S*test_play\.py:{LINE + 1}: from the read", " ".join(told.split()))


def test_it_does_not_strike_where_one_comes_after_the_other() -> None:
    assert play(scenario, ["Ann: to the end", f"Bob: until send:{LINE}"], check=False).error is None


def test_of_a_line_that_it_never_comes_to_nothing_false_is_said() -> None:
    with pytest.raises(ScheduleError) as caught:
        play(scenario, [f"Ann: until send:{LINE + 50}"])
    told = str(caught.value)
    assert f"Ann ended without coming to send:{LINE + 50}; it passed send:{LINE - 1} (read total.value)" in told
    assert "nobody called" not in told
