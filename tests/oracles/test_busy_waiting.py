"""Busy waiting: scenarios that ask in a loop, and others that wait."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oracles.case import Case, S, judged, named, replayed, right, right_ones, told, two, wrong, wrong_ones

from pytest_concurrency import explore


@wrong("busy_waiting")
def attr() -> Any:
    s = S()

    def a() -> Any:
        while not s.done:
            pass

    def b() -> Any:
        s.x = 1
        s.done = True

    two(a, b)


@wrong("busy_waiting")
def attr_sleep() -> Any:
    s = S()

    def a() -> Any:
        while not s.done:
            time.sleep(0.01)

    def b() -> Any:
        s.x = 1
        s.done = True

    two(a, b)


@wrong("busy_waiting")
def helper() -> Any:
    class W:
        done = False

        def is_done(self) -> Any:
            return self.done

        def wait(self) -> Any:
            while not self.is_done():
                time.sleep(0.1)

    w = W()
    w.done = False

    def b() -> Any:
        w.done = True

    two(w.wait, b)


@wrong("busy_waiting")
def event() -> Any:
    e = threading.Event()

    def a() -> Any:
        while True:
            if e.is_set():
                break

    two(a, e.set)


@wrong("busy_waiting")
def event_sleep() -> Any:
    e = threading.Event()

    def a() -> Any:
        for _ in range(100):
            if e.is_set():
                return
            time.sleep(0.1)

    def b() -> Any:
        time.sleep(0.35)
        e.set()

    two(a, b)


@wrong("busy_waiting")
def q_empty() -> Any:
    q: queue.Queue[Any] = queue.Queue()

    def a() -> Any:
        while q.empty():
            pass
        q.get()

    two(a, lambda: q.put(1))


@wrong("busy_waiting")
def q_nowait() -> Any:
    q: queue.Queue[Any] = queue.Queue()

    def a() -> Any:
        while True:
            try:
                item = q.get_nowait()
            except queue.Empty:
                time.sleep(0.01)
                continue
            if item is None:
                break

    def b() -> Any:
        for i in (1, 2, None):
            q.put(i)
            time.sleep(0.1)

    two(a, b)


@wrong("busy_waiting")
def q_poll() -> Any:
    q: queue.Queue[Any] = queue.Queue()
    got: list[int] = []

    def a() -> Any:
        while True:
            if not q.empty():
                item = q.get()
                if item is None:
                    break
                got.append(item)
            else:
                time.sleep(0.01)

    def b() -> Any:
        for i in (1, 2, None):
            q.put(i)
            time.sleep(0.1)

    two(a, b)


@wrong("busy_waiting")
def locked_poll() -> Any:
    lock = threading.Lock()
    s = S()
    s.n = 0

    def a() -> Any:
        while True:
            with lock:
                if s.n == 1:
                    return
            time.sleep(0.1)

    def b() -> Any:
        with lock:
            s.n = 1

    two(a, b)


@wrong("busy_waiting")
def locked_spin() -> Any:
    lock = threading.Lock()
    s = S()
    s.n = 0

    def a() -> Any:
        while True:
            with lock:
                if s.n == 1:
                    return

    def b() -> Any:
        with lock:
            s.n = 1

    two(a, b)


@wrong("busy_waiting")
def alive() -> Any:
    def a() -> Any:
        t = threading.Thread(target=lambda: time.sleep(1))
        t.start()
        while t.is_alive():
            time.sleep(0.1)
        t.join()

    two(a, lambda: None)


@wrong("busy_waiting")
def alive_many() -> Any:
    def a() -> Any:
        ts = [threading.Thread(target=lambda: time.sleep(1)) for _ in range(2)]
        for t in ts:
            t.start()
        while any(t.is_alive() for t in ts):
            time.sleep(0.1)

    two(a, lambda: None)


@wrong("busy_waiting")
def trylock() -> Any:
    lock = threading.Lock()
    s = S()
    s.n = 0

    def a() -> Any:
        while not lock.acquire(blocking=False):
            pass
        s.n += 1
        lock.release()

    two(a, a)


@wrong("busy_waiting")
def trylock_sleep() -> Any:
    lock = threading.Lock()
    s = S()
    s.n = 0

    def a() -> Any:
        while not lock.acquire(blocking=False):
            time.sleep(0.1)
        s.n += 1
        time.sleep(0.05)
        lock.release()

    two(a, a)


@wrong("busy_waiting")
def shared_list() -> Any:
    got: list[int] = []

    def a() -> Any:
        while len(got) < 1:
            pass

    two(a, lambda: got.append(1))


@wrong("busy_waiting")
def futures() -> Any:
    def a() -> Any:
        with ThreadPoolExecutor(1) as p:
            f = p.submit(lambda: time.sleep(1))
            while not f.done():
                time.sleep(0.1)

    two(a, lambda: None)


flag = False


@wrong("busy_waiting")
def glob() -> Any:
    global flag
    flag = False

    def a() -> Any:
        while not flag:
            time.sleep(0)

    def b() -> Any:
        global flag
        flag = True

    two(a, b)


@right("busy_waiting")
def backoff() -> Any:
    l1, l2 = threading.Lock(), threading.Lock()

    def grab(x: Any, y: Any) -> Any:
        while True:
            with x:
                if y.acquire(blocking=False):
                    try:
                        time.sleep(0.1)
                        return
                    finally:
                        y.release()
            time.sleep(0.01)

    two(lambda: grab(l1, l2), lambda: grab(l2, l1))


@right("busy_waiting")
def heartbeat() -> Any:
    stop = threading.Event()
    beats = []

    def a() -> Any:
        while not stop.is_set():
            beats.append(time.monotonic())
            time.sleep(1)

    def b() -> Any:
        time.sleep(5)
        stop.set()

    two(a, b)


@right("busy_waiting")
def compute() -> Any:
    s = S()
    s.limit = 50
    s.stop = False

    def a() -> Any:
        i = 0
        while i < s.limit and not s.stop:
            i += 1

    def b() -> Any:
        s.stop = True

    two(a, b)


@right("busy_waiting")
def retry() -> Any:
    e = threading.Event()

    def a() -> Any:
        while not e.wait(0.1):
            pass

    def b() -> Any:
        time.sleep(1)
        e.set()

    two(a, b)


@right("busy_waiting")
def rest_of_a_time_that_is_prolonged() -> Any:
    s: Any = S()
    s.until = time.monotonic() + 5

    def a() -> Any:
        while (left := s.until - time.monotonic()) > 0:
            time.sleep(left)

    def b() -> Any:
        time.sleep(3)
        s.until += 3

    two(a, b)


@wrong("busy_waiting")
def part_of_the_rest_again_and_again() -> Any:
    s: Any = S()
    s.ready = False
    until = time.monotonic() + 5

    def a() -> Any:
        while not s.ready and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def b() -> Any:
        time.sleep(3)
        s.ready = True

    two(a, b)


@pytest.mark.parametrize("case", wrong_ones("busy_waiting"))
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert "busy waiting" in text
    assert "asks" in text


@pytest.mark.parametrize("case", right_ones("busy_waiting"))
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


def test_a_finding_is_replayed_with_equal_text() -> None:
    replayed(named("attr_sleep"))


def test_without_a_setting_nothing_is_judged() -> None:
    assert explore(attr_sleep, schedules=5).error is None
