"""Scenarios that ignore time-outs, outlive their owner, or starve others, and right ones."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from oracle_cases.case import S, right, two, wrong


def fetch() -> None:
    time.sleep(1)


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
