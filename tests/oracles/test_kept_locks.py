"""Locks and permits that an error leaves taken, and others that it gives back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oracles.case import Case, judged, right, right_ones, told, two, wrong, wrong_ones


def work() -> Any:
    return 1


@wrong("kept_locks", inject=work)
def kept() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        lock.acquire()
        work()
        lock.release()

    two(a, a)


@wrong("kept_locks", inject=work)
def kept_caught() -> Any:
    lock = threading.Lock()
    errs = []

    def a() -> Any:
        try:
            lock.acquire()
            work()
            lock.release()
        except Exception as e:
            errs.append(e)

    two(a, a)


@wrong("kept_locks", inject="work")
def kept_pool() -> Any:
    lock = threading.Lock()

    def a() -> Any:
        lock.acquire()
        work()
        lock.release()

    with ThreadPoolExecutor(2) as p:
        for _ in range(3):
            p.submit(a)


@wrong("kept_locks", inject=work)
def kept_sem() -> Any:
    sem = threading.Semaphore(2)

    def a() -> Any:
        sem.acquire()
        work()
        sem.release()

    two(a, a)


@wrong("kept_locks", inject=work)
def kept_sem1() -> Any:
    sem = threading.BoundedSemaphore(1)

    def a() -> Any:
        sem.acquire()
        work()
        sem.release()

    two(a, a)


@wrong("kept_locks", inject=work)
def kept_sem_handed() -> Any:
    sem = threading.Semaphore(1)

    def job() -> Any:
        work()
        sem.release()

    for _ in range(2):
        sem.acquire()
        threading.Thread(target=job).start()


@wrong("kept_locks", inject=work)
def kept_rlock() -> Any:
    lock = threading.RLock()

    def a() -> Any:
        lock.acquire()
        with lock:
            work()
        lock.release()

    two(a, a)


@right("kept_locks", inject=work)
def kept_right() -> Any:
    lock = threading.Lock()
    sem = threading.Semaphore(1)
    done = threading.Semaphore(0)

    def a() -> Any:
        with lock, sem:
            work()
        done.release()

    two(a, a)


@right("kept_locks", inject=work)
def kept_cond() -> Any:
    cond = threading.Condition()
    items = []

    def a() -> Any:
        with cond:
            items.append(work())
            cond.notify()

    def b() -> Any:
        with cond:
            while not items:
                cond.wait()

    two(a, b)


@pytest.mark.parametrize("case", wrong_ones("kept_locks"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "stays taken when" in text
    assert "raises, called at" in text


@pytest.mark.parametrize("case", right_ones("kept_locks"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error
