"""Time-outs that nobody looks at, and answers that somebody reads."""

import queue
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from oracles.case import Case, S, judged, named, replayed, right, right_ones, told, two, wrong, wrong_ones

from pytest_concurrency import explore


@wrong("ignored_timeouts")
def lock_ignored() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        lock.acquire(timeout=1)
        time.sleep(2)
        with suppress(RuntimeError):
            lock.release()

    two(a, a)


@wrong("ignored_timeouts")
def try_ignored() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        lock.acquire(blocking=False)
        time.sleep(2)
        with suppress(RuntimeError):
            lock.release()

    two(a, a)


@wrong("ignored_timeouts")
def event_ignored() -> Any:
    e = threading.Event()

    def a() -> Any:
        e.wait(1)

    def b() -> Any:
        e.set()

    two(a, b)


@wrong("ignored_timeouts")
def event_var_ignored() -> Any:
    e = threading.Event()

    def a() -> Any:
        _ = e.wait(timeout=1)

    def b() -> Any:
        e.set()

    two(a, b)


@wrong("ignored_timeouts")
def cond_ignored() -> Any:
    c = threading.Condition()

    def a() -> Any:
        with c:
            c.wait(1)

    def b() -> Any:
        with c:
            c.notify()

    two(a, b)


@wrong("ignored_timeouts")
def waitfor_ignored() -> Any:
    c = threading.Condition()
    s = S()
    s.x = 0

    def a() -> Any:
        with c:
            c.wait_for(lambda: s.x, timeout=1)

    def b() -> Any:
        with c:
            s.x = 1
            c.notify()

    two(a, b)


@wrong("ignored_timeouts")
def join_ignored() -> Any:
    t = threading.Thread(target=lambda: time.sleep(5))
    t.start()
    t.join(1)


@wrong("ignored_timeouts")
def sem_ignored() -> Any:
    s = threading.Semaphore(1)

    def a() -> Any:
        s.acquire(timeout=1)
        time.sleep(2)
        s.release()

    two(a, a)


@right("ignored_timeouts")
def ignored_right() -> Any:
    lock = threading.Lock()
    e = threading.Event()
    c = threading.Condition()
    s = S()
    s.x = 0
    q: queue.Queue[Any] = queue.Queue()

    def a() -> Any:
        if lock.acquire(timeout=1):
            lock.release()
        while not e.is_set():
            e.wait(1)
        with c:
            while not s.x:
                c.wait(1)
        with suppress(queue.Empty):
            q.get(timeout=1)
        ok = e.wait(1)
        return ok

    def b() -> Any:
        time.sleep(3)
        e.set()
        with c:
            s.x = 1
            c.notify()
        q.put(1)

    two(a, b)
    t = threading.Thread(target=lambda: time.sleep(5))
    t.start()
    t.join(1)
    if t.is_alive():
        t.join()


@pytest.mark.parametrize("case", wrong_ones("ignored_timeouts"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "ignored time-out" in text
    assert "gave up" in text


@pytest.mark.slow
@pytest.mark.parametrize("case", right_ones("ignored_timeouts"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


@pytest.mark.parametrize("name", ["event_ignored", "cond_ignored"])
def test_a_finding_is_replayed_with_equal_text(name: str) -> None:
    replayed(named(name))


@pytest.mark.slow
@pytest.mark.parametrize(("schedules", "further"), [(4, 4), (100, 10), (400, 20)])
def test_the_runs_in_which_time_passes_early_are_few(schedules: int, further: int) -> None:
    calls: list[int] = []

    def scenario() -> None:
        calls.append(1)
        threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    verdict = explore(scenario, schedules=schedules, strategy="random", ignored_timeouts="fail")
    assert verdict.schedules == schedules
    assert len(calls) - schedules in (further, further + 1)  # one to replay the outcome by
