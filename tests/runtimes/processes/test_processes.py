"""Child processes of multiprocessing under control: who goes next is decided at every operation they meet at."""

import multiprocessing
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from pytest_concurrency import Grade, RaceFound, Verdict, explore

FORK = multiprocessing.get_context("fork")
WATCH = [__name__]
pytestmark = pytest.mark.slow


def tried(scenario: Callable[[], Any], **settings: Any) -> Verdict:
    return explore(scenario, **{"watch": WATCH, "seconds": 30.0, **settings})


def start(*targets: Any) -> list[Any]:
    """Start one process for each (function, arguments)."""
    processes = [FORK.Process(target=target, args=arguments) for target, *arguments in targets]
    for process in processes:
        process.start()
    return processes


def join(processes: list[Any]) -> None:
    for process in processes:
        process.join()


def two(target: Callable[..., object], *arguments: Any) -> None:
    """Run a function in two processes, to their ends."""
    join(start((target, *arguments), (target, *arguments)))


def no_child_is_left() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert no_child_is_left()


def add_in_two_periods(lock: Any, total: Any) -> None:
    with lock:
        seen = total.value
    with lock:
        total.value = seen + 1


def lost_update() -> None:
    lock, total = FORK.Lock(), FORK.Value("i", 0, lock=False)
    two(add_in_two_periods, lock, total)
    assert total.value == 2, f"{total.value} of 2"


def test_a_lost_update_is_found_told_in_lanes_and_replayed() -> None:
    verdict = tried(lost_update)
    assert type(verdict.error) is RaceFound
    told = str(verdict.error)
    assert "main raised AssertionError: 1 of 2" in told
    assert re.search(r"^  main Process-1 Process-2$", told, re.MULTILINE)
    assert re.search(r"^  \.    \*         \. +test_processes\.py:\d+  seen = total\.value$", told, re.MULTILINE)
    assert "read total.value = 0" in told
    assert "write total.value = 1" in told
    assert "from the read to the write" in told
    assert verdict.replay is not None
    again = tried(lost_update, replay=verdict.replay)
    assert str(again.error) == told


def add_in_one_period(lock: Any, total: Any) -> None:
    with lock:
        total.value += 1


def test_one_critical_section_is_proved_right() -> None:
    def scenario() -> int:
        lock, total = FORK.Lock(), FORK.Value("i", 0, lock=False)
        two(add_in_one_period, lock, total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})
    assert verdict.schedules <= 13
