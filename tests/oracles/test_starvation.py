"""Tasks that wait while others have their turn, and fair ones."""

import threading
import time
from typing import Any

import pytest
from oracles.case import Case, S, judged, right, right_ones, told, two, wrong, wrong_ones


def eat() -> Any:
    time.sleep(0.1)


@right("starvation")
def fair_locks() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        for _ in range(30):
            with lock:
                pass

    two(a, a)


@wrong("starvation", turns="read", bound=5)
def readers() -> Any:
    c = threading.Condition()
    s = S()

    def read() -> Any:
        time.sleep(0.1)

    def reader(d: float) -> Any:
        def run() -> Any:
            time.sleep(d)
            for _ in range(20):
                with c:
                    s.readers += 1
                read()
                with c:
                    s.readers -= 1
                    if not s.readers:
                        c.notify_all()
                if not s.readers:
                    return

        return run

    def writer() -> Any:
        time.sleep(0.01)
        with c:
            c.wait_for(lambda: not s.readers)

    ts = [threading.Thread(target=f) for f in (reader(0), reader(0.05), writer)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()


@right("starvation", turns=eat, bound=3)
def philosophers() -> Any:
    forks = [threading.Lock() for _ in range(3)]

    def phil(i: int) -> Any:
        def run() -> Any:
            a, b = sorted((i, (i + 1) % 3))
            for _ in range(3):
                with forks[a], forks[b]:
                    eat()

        return run

    ts = [threading.Thread(target=phil(i)) for i in range(3)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()


@pytest.mark.slow
@pytest.mark.parametrize("case", wrong_ones("starvation"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "starvation" in text
    assert "waits at" in text


@pytest.mark.slow
@pytest.mark.parametrize("case", right_ones("starvation"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error
