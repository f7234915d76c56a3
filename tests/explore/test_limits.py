"""Waits with a time-out: one that never came is no proof, and time that jumps shows who waits for each other then."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import DeadlockFound, explore


def refreshed() -> None:
    """The end is always told before the first tick: no schedule of exact time refreshes anything."""
    lock, done = threading.Lock(), threading.Event()

    def refresh() -> None:
        while not done.wait(0.1):
            with lock:
                pass

    thread = threading.Thread(target=refresh)
    thread.start()
    with lock:
        done.set()
        thread.join()


def joined_in_time() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join(30)


def had_at_last() -> None:
    lock = threading.Lock()

    def work() -> None:
        assert lock.acquire(timeout=30)
        lock.release()

    together(work, work)


@pytest.mark.parametrize("scenario", [refreshed, joined_in_time, had_at_last], ids=lambda each: each.__name__)
def test_a_limit_that_never_came_is_no_proof(scenario: Callable[[], Any]) -> None:
    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade == "sampled"
    assert "no proof: the wait at tests/explore/test_limits.py:" in verdict.reason
    assert "was over before its time-out in every one of them" in verdict.reason


def gave_up() -> bool:
    return threading.Event().wait(1)


def free_at_once() -> bool:
    lock, seen = threading.Lock(), []

    def work() -> None:
        seen.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    had = lock.acquire(timeout=30)
    thread.join()
    return had


@pytest.mark.parametrize("scenario", [gave_up, free_at_once], ids=lambda each: each.__name__)
def test_one_that_came_or_was_not_needed_is_as_good_as_none(scenario: Callable[[], Any]) -> None:
    assert explore(scenario, strategy="dpor").grade == "proved"


def test_time_that_jumps_is_part_of_the_default_and_its_deadlock_can_be_replayed() -> None:
    verdict = explore(refreshed)
    assert isinstance(verdict.error, DeadlockFound)
    assert "test_limits.py" in str(verdict)
    assert isinstance(explore(refreshed, replay=verdict.replay).error, DeadlockFound)


def idle_too_long() -> None:
    """A worker that goes home after half a minute without work."""
    jobs = queue.Queue[int]()

    def work() -> None:
        while True:
            try:
                jobs.get(timeout=30)
            except queue.Empty:
                return
            jobs.task_done()

    thread = threading.Thread(target=work)
    thread.start()
    jobs.put(1)
    jobs.join()
    thread.join()


def in_time_for_sure() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.set)
    thread.start()
    assert done.wait(30)
    thread.join()


@pytest.mark.parametrize("scenario", [idle_too_long, in_time_for_sure, had_at_last], ids=lambda each: each.__name__)
def test_who_counts_on_half_a_minute_is_not_blamed(scenario: Callable[[], Any]) -> None:
    verdict = explore(scenario, schedules=200, seconds=3)
    assert verdict.error is None
