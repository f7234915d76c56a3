"""Work that never overlaps, and work that does."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oracles.case import Case, judged, right, right_ones, told, two, wrong, wrong_ones


def fetch() -> Any:
    time.sleep(1)


def quick() -> Any:
    return 1


@wrong("serialised", overlapping=fetch)
def lock_around() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        with lock:
            fetch()

    two(a, a)


@wrong("serialised", overlapping="fetch")
def join_each() -> Any:
    for n in "AB":
        t = threading.Thread(target=fetch, name=n)
        t.start()
        t.join()


@wrong("serialised", overlapping=fetch)
def result_in_loop() -> Any:
    with ThreadPoolExecutor(2) as p:
        for _ in range(2):
            p.submit(fetch).result()


@wrong("serialised", overlapping="quick")
def never_called() -> Any:
    two(fetch, fetch)


@wrong("serialised", overlapping=quick)
def quick_locked() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        with lock:
            quick()

    two(a, a)


@right("serialised", overlapping=fetch)
def side() -> Any:
    two(fetch, fetch)


@right("serialised", overlapping=quick)
def side_quick() -> Any:
    two(quick, quick)


@right("serialised", overlapping="inner")
def side_inner() -> Any:
    def inner() -> Any:
        time.sleep(1)

    with ThreadPoolExecutor(2) as p:
        list(p.map(lambda _: inner(), range(2)))


@pytest.mark.slow
@pytest.mark.parametrize("case", wrong_ones("serialised"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "serialised: in no schedule" in text
    assert "inside" in text


@pytest.mark.parametrize("case", right_ones("serialised"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error
