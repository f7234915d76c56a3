"""A handler of a child runs whoever has the turn: what it raises waits for the child's own, and it may not wait."""

import multiprocessing
import signal
import time
from typing import Any

import pytest

from pytest_concurrency import Grade, Verdict, explore

FORK = multiprocessing.get_context("fork")


def leave(*_: Any) -> None:
    raise SystemExit(5)


def tidy(up: Any, left: Any) -> None:
    signal.signal(signal.SIGTERM, leave)
    assert signal.getsignal(signal.SIGTERM) is leave
    try:
        up.set()
        time.sleep(100)
    finally:
        time.sleep(0.5)
        left.value += 1


def tidy_as_its_parent_would(up: Any, left: Any) -> None:
    try:
        up.set()
        time.sleep(100)
    finally:
        time.sleep(0.5)
        left.value += 1


def count(up: Any, left: Any) -> None:
    def once(*_: Any) -> None:
        left.value += 1

    signal.signal(signal.SIGTERM, once)
    up.set()
    time.sleep(3)


def stopped(target: Any) -> tuple[int | None, int, float]:
    """Send a child a signal, and return its exit code, what it has left, and the seconds that it has taken to end."""
    up, left = FORK.Event(), FORK.Value("i", 0, lock=False)
    process = FORK.Process(target=target, args=(up, left))
    process.start()
    up.wait()
    since = time.monotonic()
    process.terminate()
    process.join()
    return process.exitcode, left.value, time.monotonic() - since


def tried(target: Any) -> Verdict:
    return explore(lambda: stopped(target), schedules=40, races="ignore")


def test_what_a_handler_raises_lets_the_rest_run_in_its_turn() -> None:
    verdict = tried(tidy)
    assert set(verdict.outcomes) == {"(5, 1, 0.5)"}, str(verdict)
    assert verdict.grade is Grade.SAMPLED
    assert verdict.schedules > 1


def test_a_handler_that_was_set_before_the_fork_is_one_too() -> None:
    before = signal.signal(signal.SIGTERM, leave)
    try:
        verdict = tried(tidy_as_its_parent_would)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert set(verdict.outcomes) == {"(5, 1, 0.5)"}, str(verdict)


def test_who_only_counts_sleeps_on() -> None:
    verdict = tried(count)
    assert set(verdict.outcomes) == {"(0, 1, 3.0)"}, str(verdict)


@pytest.mark.parametrize("wait", ["sleep", "lock"])
def test_a_handler_that_waits_is_out_of_control(wait: str) -> None:
    lock = FORK.Lock()

    def handle(*_: Any) -> None:
        if wait == "sleep":
            time.sleep(0.5)
        else:
            with lock:
                pass

    def listen(up: Any, _: Any) -> None:
        signal.signal(signal.SIGTERM, handle)
        up.set()
        time.sleep(3)

    def scenario() -> None:
        with lock:
            stopped(listen)

    verdict = explore(scenario, schedules=5)
    assert verdict.grade is Grade.UNCONTROLLED, str(verdict)
    assert "ForkProcess-1 waited outside the engine's control: " in verdict.reason
    assert "test_signal_handlers.py:" in verdict.reason
    assert "(in the handler of a signal)" in verdict.reason


def compute(up: Any, left: Any) -> None:
    def handle(*_: Any) -> None:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            left.value = 1

    signal.signal(signal.SIGTERM, handle)
    up.set()
    time.sleep(3)


def test_who_waits_until_a_handler_has_computed_is_under_control() -> None:
    verdict = explore(lambda: stopped(compute), schedules=1)
    assert set(verdict.outcomes) == {"(0, 1, 3.0)"}, str(verdict)
    assert verdict.grade is Grade.SAMPLED, str(verdict)
