"""Threads that outlive their owner, and threads that are joined."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oracles.case import Case, judged, named, replayed, right, right_ones, told, two, wrong, wrong_ones


def fetch() -> None:
    time.sleep(1)


@wrong("outliving_threads")
def no_join() -> Any:
    threading.Thread(target=fetch, name="W").start()


@wrong("outliving_threads", owners="crawl")
def owner() -> Any:
    def crawl() -> Any:
        ts = [threading.Thread(target=fetch) for _ in range(2)]
        for t in ts:
            t.start()
        ts[0].join()
        return ts

    ts = crawl()
    for t in ts:
        t.join()


@right("outliving_threads", owners="crawl")
def owner_right() -> Any:
    def crawl() -> Any:
        ts = [threading.Thread(target=fetch) for _ in range(2)]
        for t in ts:
            t.start()
        for t in ts:
            t.join()

    crawl()


@right("outliving_threads")
def all_joined() -> Any:
    two(fetch, fetch)
    threading.Thread(target=fetch, daemon=True).start()
    p = ThreadPoolExecutor(1)
    p.submit(fetch).result()


@pytest.mark.parametrize("case", wrong_ones("outliving_threads"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "outliving thread" in text
    assert "started at" in text


@pytest.mark.parametrize("case", right_ones("outliving_threads"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


def test_a_finding_is_replayed_with_equal_text() -> None:
    replayed(named("no_join"))
