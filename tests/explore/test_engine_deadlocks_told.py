"""The deadlocks that everybody meets, each told exactly: who waits for what, held by whom, and why."""

import linecache
import queue
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from controlled import failed

from pytest_concurrency import DeadlockFound
from pytest_concurrency._machine import real

LINE = re.compile(r"at (\S+):(\d+)(?:  (.+))?$", re.MULTILINE)


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ab_ba() -> None:
    a = threading.Lock()
    b = threading.Lock()

    def forth() -> None:
        with a, b:
            pass

    def back() -> None:
        with b, a:
            pass

    together(forth, back)


def three_locks() -> None:
    a = threading.Lock()
    b = threading.RLock()
    c = threading.Condition()

    def first() -> None:
        with a, b:
            pass

    def second() -> None:
        with b, c:
            pass

    def third() -> None:
        with c, a:
            pass

    together(first, second, third)


def join_while_holding() -> None:
    lock = threading.Lock()

    def work() -> None:
        with lock:
            pass

    worker = threading.Thread(target=work)
    with lock:
        worker.start()
        worker.join()


def lost_wake_up() -> None:
    news = threading.Condition()

    def wait() -> None:
        with news:
            news.wait()

    def tell() -> None:
        with news:
            news.notify()

    together(tell, wait)


def missing_task_done() -> None:
    jobs: queue.Queue[int] = queue.Queue()
    worker = threading.Thread(target=jobs.get)
    worker.start()
    jobs.put(1)
    jobs.join()


def executor_waits_on_itself() -> None:
    with ThreadPoolExecutor(1) as pool:

        def outer() -> None:
            inner = pool.submit(int)
            inner.result()

        pool.submit(outer)


def one_sentinel_for_two() -> None:
    jobs: queue.Queue[int] = queue.Queue()

    def consume() -> None:
        while jobs.get():
            pass

    jobs.put(0)
    together(consume, consume)


def event_never_set() -> None:
    door = threading.Event()
    together(door.wait)


def barrier_of_three() -> None:
    meeting = threading.Barrier(3)
    together(meeting.wait, meeting.wait)


def permit_kept() -> None:
    permits = threading.Semaphore(1)
    together(permits.acquire, permits.acquire)


def full_queue() -> None:
    jobs: queue.Queue[int] = queue.Queue(1)
    jobs.put(1)
    jobs.put(2)


def taken_twice() -> None:
    lock = threading.Lock()
    with lock, lock:
        pass


def simple_queue() -> None:
    jobs = queue.SimpleQueue[int]()
    jobs.get()


def job_of_the_library() -> None:
    jobs: queue.Queue[int] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(jobs.get)


class Desk:
    def __init__(self) -> None:
        self.open = 2
        self.idle = threading.Event()

    def close_one(self) -> None:
        self.open -= 1
        if self.open == 0:
            self.idle.set()


def count_lost() -> None:
    desk = Desk()
    together(desk.close_one, desk.close_one)
    desk.idle.wait()


def wait_for_futures() -> None:
    with ThreadPoolExecutor(1) as pool:
        wait([pool.submit(threading.Event().wait)])


TOLD = {
    ab_ba: """
        deadlock: main, Thread-1 (forth), Thread-2 (back) wait for ever

        tasks
          main              waits in Thread.join on thread Thread-1 (forth)
                              at HERE  thread.join()
          Thread-1 (forth)  waits in Lock.acquire on Lock `b`
                              held by Thread-2 (back)
                              taken at HERE  with b, a:
                              at HERE  with a, b:
                              made at HERE
          Thread-2 (back)   waits in Lock.acquire on Lock `a`
                              held by Thread-1 (forth)
                              taken at HERE  with a, b:
                              at HERE  with b, a:
                              made at HERE

        likely cause
          Thread-1 (forth) waits for Thread-2 (back) waits for Thread-1 (forth): take
          these in the same order everywhere
    """,
    three_locks: """
        deadlock: main, Thread-1 (first), Thread-2 (second), Thread-3 (third) wait for ever

        tasks
          main               waits in Thread.join on thread Thread-1 (first)
                               at HERE  thread.join()
          Thread-1 (first)   waits in RLock.acquire on RLock `b`
                               held by Thread-2 (second)
                               taken at HERE  with b, c:
                               at HERE  with a, b:
                               made at HERE
          Thread-2 (second)  waits in Condition.__enter__ on Condition `c`
                               held by Thread-3 (third)
                               taken at HERE  with c, a:
                               at HERE  with b, c:
                               made at HERE
          Thread-3 (third)   waits in Lock.acquire on Lock `a`
                               held by Thread-1 (first)
                               taken at HERE  with a, b:
                               at HERE  with c, a:
                               made at HERE

        likely cause
          Thread-1 (first) waits for Thread-2 (second) waits for Thread-3 (third) waits
          for Thread-1 (first): take these in the same order everywhere
    """,
    join_while_holding: """
        deadlock: main, Thread-1 (work) wait for ever

        tasks
          main             waits in Thread.join on thread Thread-1 (work)
                             at HERE  worker.join()
          Thread-1 (work)  waits in Lock.acquire on Lock `lock`
                             held by main
                             taken at HERE  with lock:
                             at HERE  with lock:
                             made at HERE

        likely cause
          main waits for Thread-1 (work) waits for main: give back before the join what
          the other needs
    """,
    lost_wake_up: """
        deadlock: main, Thread-2 (wait) wait for ever

        tasks
          main             waits in Thread.join on thread Thread-2 (wait)
                             at HERE  thread.join()
          Thread-1 (tell)  ended
          Thread-2 (wait)  waits in Condition.wait on Condition `news`
                             at HERE  news.wait()
                             made at HERE

        likely cause
          the notification came before the wait (lost wake-up), or nobody is left to
          notify: test a predicate under the lock, with wait_for
    """,
    missing_task_done: """
        deadlock: main waits for ever

        tasks
          main            waits in Queue.join on Queue `jobs`
                            at HERE  jobs.join()
                            made at HERE
          Thread-1 (get)  ended

        likely cause
          task_done was called less often than get returned an item
    """,
    executor_waits_on_itself: """
        deadlock: main, ThreadPoolExecutor-0_0 wait for ever

        tasks
          main                    waits in ThreadPoolExecutor.__exit__ on ThreadPoolExecutor
                                    held by ThreadPoolExecutor-0_0
                                    at HERE  with ThreadPoolEx...
                                    made at HERE
          ThreadPoolExecutor-0_0  waits in Future.result on Future `inner`
                                    at HERE  inner.result()
                                    made at HERE

        likely cause
          the job that would give the result never gets a worker, or waits for this task
    """,
    one_sentinel_for_two: """
        deadlock: main, Thread-2 (consume) wait for ever

        tasks
          main                waits in Thread.join on thread Thread-2 (consume)
                                at HERE  thread.join()
          Thread-1 (consume)  ended
          Thread-2 (consume)  waits in Queue.get on Queue `jobs`
                                at HERE  while jobs.get():
                                made at HERE

        likely cause
          nobody is left who would put an item: one end marker for each consumer is
          missing, or the producer ended early
    """,
}

WAITS = {
    event_never_set: ("Event.wait on Event `door`", "nobody is left who would set the event"),
    barrier_of_three: ("Barrier.wait on Barrier `meeting`", "fewer tasks come to the barrier than it has parties"),
    permit_kept: (
        "Semaphore.acquire on Semaphore `permits`",
        "nobody is left who would release it: who has a permit keeps it, or waits itself",
    ),
    full_queue: ("Queue.put on Queue `jobs`", "the queue is full and nobody is left who would take an item"),
    taken_twice: ("Lock.acquire on Lock `lock`", "main waits for what it holds itself: use an RLock"),
    simple_queue: ("SimpleQueue.get on SimpleQueue `jobs`", "nobody is left who would put an item"),
    job_of_the_library: ("Queue.get on Queue `jobs`", "nobody is left who would put an item"),
    count_lost: ("Event.wait on Event `self.idle`", "from the read to the write must be one critical section"),
    wait_for_futures: ("Event.wait on Event", "nobody is left who would set the event"),
}


def evidence(text: str) -> str:
    """Return a report without its lanes and replay, with the line numbers left out once checked."""
    for name, line, source in LINE.findall(text.partition("\ninterleaving")[0]):
        found = linecache.getline(str(Path.cwd() / name), int(line)).strip()
        assert found.startswith(source.removesuffix("...")), (name, line, source, found)
    text = re.sub(r"\n\ninterleaving\n.*?\n\nreplay\n[^\n]+\n", "\n", text, flags=re.DOTALL)
    return re.sub(r"\S*test_engine_deadlocks_told\.py:\d+", "HERE", text)


@pytest.mark.parametrize("scenario", TOLD)
def test_a_deadlock_is_told_exactly(scenario: Callable[[], None]) -> None:
    verdict = failed(scenario)
    assert type(verdict.error) is DeadlockFound
    assert evidence(str(verdict)) == dedent(TOLD[scenario]).strip()


@pytest.mark.parametrize("scenario", WAITS)
def test_what_is_waited_for_and_why(scenario: Callable[[], None]) -> None:
    verdict = failed(scenario)
    assert type(verdict.error) is DeadlockFound
    text = evidence(str(verdict))
    waits_for, cause = WAITS[scenario]
    assert f"waits in {waits_for}\n" in text
    assert cause in " ".join(text.split())


@pytest.mark.soak
def test_each_is_found_in_under_a_second() -> None:
    """Real time, the best of three: the machine may be busy."""
    for scenario in [*TOLD, *WAITS]:
        took = []
        for _ in range(3):
            began = real.monotonic()
            failed(scenario)
            took.append(real.monotonic() - began)
        assert min(took) < 1, scenario
