"""Threads that were there before: while one may do of its own accord what tasks wait for, nobody is stuck."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from controlled import failed

from pytest_concurrency import Grade, Verdict, explore
from pytest_concurrency._machine import real

BELL = threading.Event()
OVER = threading.Event()
TICK = 0.01  # seconds


def rings() -> None:
    while not OVER.wait(TICK):
        BELL.set()


def waits_for_the_bell() -> None:
    BELL.wait()
    BELL.clear()


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Let a thread work until the body is over; it is to look at `OVER`."""
    OVER.clear()
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        OVER.set()
        thread.join()


def passed(scenario: Callable[[], None], **settings: Any) -> Verdict:
    verdict = explore(scenario, schedules=5, seconds=30, **settings)
    assert verdict.error is None, str(verdict.error)
    return verdict


def test_a_timer_sets_what_is_waited_for() -> None:
    opened = threading.Event()
    timer = threading.Timer(0.2, opened.set)
    timer.start()

    def scenario() -> None:
        opened.wait()

    passed(scenario)
    timer.join()


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_somebody_puts_into_a_queue_now_and_then(timeout: float | None) -> None:
    ticks = queue.Queue[int]()

    def puts() -> None:
        while not OVER.wait(TICK):
            ticks.put(1)

    def scenario() -> None:
        for _ in range(3):
            ticks.get(timeout=timeout)

    with beside(puts):
        passed(scenario)


def test_somebody_rings_a_bell_that_a_global_names() -> None:
    with beside(rings):
        passed(waits_for_the_bell)


def test_a_partner_at_a_barrier_may_not_have_come_back() -> None:
    pair = threading.Barrier(2)

    def partner() -> None:
        try:
            while True:
                pair.wait()
        except threading.BrokenBarrierError:
            pass

    def scenario() -> None:
        pair.wait()

    with beside(partner):
        try:
            passed(scenario)
        finally:
            pair.abort()


def test_a_deadlock_among_tasks_is_told_all_the_same() -> None:
    def scenario() -> None:
        one, other = threading.Lock(), threading.Lock()

        def takes(first: threading.Lock, second: threading.Lock) -> None:
            with first, second:
                BELL.is_set()

        threads = [
            threading.Thread(target=takes, args=(one, other)),
            threading.Thread(target=takes, args=(other, one)),
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    with beside(rings):
        assert str(failed(scenario)).startswith("deadlock: ")


def test_who_waits_without_a_limit_does_nothing_of_its_own_accord() -> None:
    asked, answered = queue.Queue[int](), queue.Queue[int]()

    def answers() -> None:
        while asked.get():
            answered.put(1)

    def scenario() -> None:
        answered.get()

    thread = threading.Thread(target=answers, daemon=True)
    thread.start()
    began = time.monotonic()
    while asked.not_empty._waiters == type(asked.not_empty._waiters)():  # type: ignore[attr-defined] # it is not there yet
        assert time.monotonic() - began < 30
    assert str(failed(scenario)).startswith("deadlock: main waits for ever")
    asked.put(0)
    thread.join()


RUNG = 0


def counts_once() -> None:
    global RUNG
    RUNG += 1


def looks() -> None:
    """What it asserts would fail as soon as the other one comes in between: that is not for a test to wait for."""
    assert RUNG >= 0


def test_nothing_is_proved_of_a_global_that_somebody_binds_now_and_then() -> None:
    over: list[bool] = []

    def counts() -> None:
        global RUNG
        while not over:
            real.sleep(TICK)  # what it waits in is nothing that the module holds
            RUNG += 1

    thread = threading.Thread(target=counts, daemon=True)
    thread.start()
    try:
        verdict = explore(looks)
    finally:
        over.append(True)
        thread.join()
    assert (verdict.grade, "may change" in verdict.reason) == (Grade.SAMPLED, True), str(verdict)
    assert "test_engine_strangers.RUNG" in verdict.reason


def test_nor_where_a_timer_will() -> None:
    timer = threading.Timer(3600, counts_once)
    timer.start()
    try:
        verdict = explore(looks)
    finally:
        timer.cancel()
        timer.join()
    assert (verdict.grade, "test_engine_strangers.RUNG" in verdict.reason) == (Grade.SAMPLED, True), str(verdict)
