"""Deadlocks that the observed runs did not have: predicted, made to happen, and replayed."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import DeadlockFound, Grade, explore

Scenario = Callable[[], Any]


def take(*locks: Any) -> None:
    with locks[0]:
        if locks[1:]:
            take(*locks[1:])


def cycle_of_two() -> None:
    a, b = threading.Lock(), threading.Lock()
    together(lambda: take(a, b), lambda: take(b, a))


def cycle_of_three() -> None:
    a, b, c = threading.Lock(), threading.Lock(), threading.Lock()
    together(lambda: take(a, b), lambda: take(b, c), lambda: take(c, a))


def joined_under_a_lock_that_it_takes() -> None:
    lock = threading.Lock()

    def meet() -> None:
        worker = threading.Thread(target=lambda: take(lock))
        worker.start()
        with lock:
            worker.join()

    together(meet, lambda: None)


def item_put_under_the_lock_of_who_waits() -> None:
    lock, items = threading.Lock(), queue.Queue[int]()

    def put() -> None:
        with lock:
            items.put(1)

    def get() -> None:
        with lock:
            items.get()

    together(put, get)


@pytest.mark.parametrize(
    "scenario",
    [cycle_of_two, cycle_of_three, joined_under_a_lock_that_it_takes, item_put_under_the_lock_of_who_waits],
)
def test_one_run_without_a_hang_is_enough(scenario: Scenario) -> None:
    verdict = explore(scenario, schedules=1)
    assert type(verdict.error) is DeadlockFound
    again = explore(scenario, replay=verdict.replay)
    assert str(again) == str(verdict)


def under_a_gate() -> None:
    gate, a, b = threading.Lock(), threading.Lock(), threading.Lock()
    together(lambda: take(gate, a, b), lambda: take(gate, b, a))


def entered_again() -> None:
    lock = threading.RLock()
    together(lambda: take(lock, lock), lambda: take(lock, lock))


def one_class_in_order() -> None:
    locks = [threading.Lock() for _ in range(3)]
    together(lambda: take(locks[0], locks[1]), lambda: take(locks[1], locks[2]), lambda: take(locks[0], locks[2]))


def one_thread_in_two_orders() -> None:
    a, b = threading.Lock(), threading.Lock()

    def work() -> None:
        take(a, b)
        take(b, a)

    together(work, lambda: None)


def asked_with_a_limit() -> None:
    a, b = threading.Lock(), threading.Lock()

    def ask() -> None:
        with a:
            if b.acquire(timeout=1):
                b.release()

    together(ask, lambda: take(b, a))


@pytest.mark.parametrize(
    "scenario", [under_a_gate, entered_again, one_class_in_order, one_thread_in_two_orders, asked_with_a_limit]
)
def test_what_cannot_deadlock_is_not_predicted(scenario: Scenario) -> None:
    verdict = explore(scenario, schedules=30, strategy="random")
    assert (verdict.error, verdict.deadlocks) == (None, ())


def one_after_the_other() -> None:
    a = threading.Lock()
    b = threading.Lock()
    first_is_done = threading.Event()

    def first() -> None:
        take(a, b)
        first_is_done.set()

    def second() -> None:
        first_is_done.wait()
        take(b, a)

    together(first, second)


def test_what_does_not_happen_is_said_to_be_predicted_only() -> None:
    verdict = explore(one_after_the_other, schedules=10, strategy="random")
    assert verdict.grade is Grade.SAMPLED
    (text,) = verdict.deadlocks
    assert text.startswith("predicted, not realised in 110 schedules: Lock `a` (made at ")
    assert "and Lock `b` (made at " in text
    assert text in str(verdict)


def test_a_proof_needs_no_prediction() -> None:
    verdict = explore(one_after_the_other, strategy="dpor")
    assert (verdict.grade, verdict.deadlocks) == (Grade.PROVED, ())
