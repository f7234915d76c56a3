"""Scenarios that keep locks, serialise work, or order it by sleeping, and right ones."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from oracle_cases.case import right, two, wrong


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
