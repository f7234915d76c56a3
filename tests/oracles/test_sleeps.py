"""Sleeps that order something, and sleeps that do not."""

import threading
import time
from typing import Any

import pytest
from oracles.case import Case, judged, named, replayed, right, right_ones, told, two, wrong, wrong_ones


@wrong("sleep_ordering")
def sleeps_for_join() -> Any:
    out: list[Any] = []

    def w() -> Any:
        out.append(1)
        out.append(2)

    t = threading.Thread(target=w, name="W")
    t.start()
    time.sleep(1)
    assert out == [1, 2], out


@wrong("sleep_ordering")
def sleeps_to_order() -> Any:
    out: list[Any] = []

    def a() -> Any:
        out.append("a")

    def b() -> Any:
        time.sleep(1)
        out.append("b")

    two(b, a)
    assert out == ["a", "b"], out


@right("sleep_ordering")
def sleeps_right() -> Any:
    out: list[Any] = []

    def b() -> Any:
        time.sleep(1)
        out.append("b")

    two(b, b)
    assert len(out) == 2


@right("sleep_ordering")
def sleeps_timed() -> Any:
    began = time.monotonic()
    two(lambda: time.sleep(3), lambda: time.sleep(5))
    took = time.monotonic() - began
    assert took == 5, took


@right("sleep_ordering")
def waits_timed() -> Any:
    e = threading.Event()

    def a() -> Any:
        assert e.wait(5)

    def b() -> Any:
        time.sleep(1)
        e.set()

    two(a, b)


@pytest.mark.parametrize("case", wrong_ones("sleep_ordering"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "sleep as synchronisation" in text
    assert "wakes from sleep(1)" in text


@pytest.mark.parametrize("case", right_ones("sleep_ordering"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


def test_a_finding_is_replayed_with_equal_text() -> None:
    replayed(named("sleeps_to_order"))
