"""The orders of an event's `set` and of those who wait for it are one, and nothing is missed by that."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_concurrency import explore
from pytest_concurrency._core.verdict import Grade


def side_by_side(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def chain(count: int) -> Any:
    events, told = [threading.Event() for _ in range(count)], []

    def link(at: int) -> None:
        if at:
            events[at - 1].wait()
        told.append(at)
        if at < count:
            events[at].set()

    side_by_side(*(lambda at=at: link(at) for at in range(count + 1)))
    return told


def two_in_step(count: int) -> Any:
    there, back = ([threading.Event() for _ in range(count)] for _ in "ab")

    def lead() -> None:
        for ping, pong in zip(there, back, strict=True):
            ping.set()
            pong.wait()

    def follow() -> None:
        for ping, pong in zip(there, back, strict=True):
            ping.wait()
            pong.set()

    side_by_side(lead, follow)


def many_wait(count: int) -> Any:
    event = threading.Event()
    side_by_side(event.set, *(lambda: event.wait() for _ in range(count)))


@pytest.mark.parametrize("count", [1, 4, 8])
@pytest.mark.parametrize("scenario", [chain, two_in_step, many_wait])
def test_one_outcome_needs_two_schedules_at_most(scenario: Callable[[int], Any], count: int) -> None:
    verdict = explore(lambda: scenario(count), strategy="dpor")
    assert verdict.grade is Grade.PROVED, verdict
    assert verdict.schedules <= 2


def second_set() -> Any:
    event, box = threading.Event(), {"n": 0}
    seen: list[int] = []

    def late() -> None:
        box["n"] = 1
        event.set()

    def wait() -> None:
        event.wait()
        seen.append(box["n"])

    side_by_side(event.set, late, wait)
    return seen


def asked() -> Any:
    event = threading.Event()
    seen: list[Any] = []

    def lead() -> None:
        event.set()
        event.wait()
        seen.append("lead")

    def follow() -> None:
        seen.append(event.is_set())
        event.wait()

    side_by_side(lead, follow)
    return seen


def cleared() -> Any:
    event = threading.Event()
    seen: list[Any] = []

    def pulse() -> None:
        event.set()
        event.clear()
        seen.append("cleared")
        event.set()

    def wait() -> None:
        event.wait()
        seen.append("waited")

    side_by_side(pulse, wait)
    return seen


def in_time() -> Any:
    event = threading.Event()
    seen: list[Any] = []
    side_by_side(event.set, lambda: seen.append(event.wait(0)))
    return seen


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        (second_set, {"[0]", "[1]"}),
        (asked, {"[True, 'lead']", "['lead', True]", "[False, 'lead']", "['lead', False]"}),
        (cleared, {"['cleared', 'waited']", "['waited', 'cleared']"}),
        (in_time, {"[True]", "[False]"}),
    ],
)
def test_what_events_can_show_is_all_seen(scenario: Callable[[], Any], outcomes: set[str]) -> None:
    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert set(verdict.outcomes) == outcomes


def test_a_wait_that_comes_after_the_clear_is_found() -> None:
    def scenario() -> None:
        event = threading.Event()

        def pulse() -> None:
            event.set()
            event.clear()

        side_by_side(pulse, lambda: event.wait())

    assert explore(scenario, strategy="dpor").grade is Grade.FAILED
