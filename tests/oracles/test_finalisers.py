"""Finalisers that ask for a lock which their own thread may hold when the collector comes."""

import queue
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from oracles.case import Case, judged, replayed, right, right_ones, told, two, wrong, wrong_ones

from pytest_concurrency import FinaliserFound, explore
from pytest_concurrency._machine import real


class Circle:
    """Only the collector ends it."""

    def __init__(self) -> None:
        self.me = self


def critical(lock: Any, make: Callable[[], Any]) -> Any:
    """Two threads that make garbage, and have a critical section."""
    done: list[int] = []

    def work() -> None:
        make()
        with lock:
            done.append(1)

    two(work, work)
    assert len(done) == 2


@wrong("finalisers")
def taken_by_a_finaliser() -> Any:
    lock = threading.Lock()

    class Ending(Circle):
        def __del__(self) -> None:
            with lock:
                pass

    critical(lock, Ending)


@wrong("finalisers")
def taken_by_a_weak_callback() -> Any:
    lock, refs = threading.Lock(), list[Any]()

    def gone(_ref: Any) -> None:
        with lock:
            pass

    critical(lock, lambda: refs.append(weakref.ref(Circle(), gone)))


@wrong("finalisers")
def taken_by_finalize() -> Any:
    lock = threading.Lock()

    def gone() -> None:
        lock.acquire()
        lock.release()

    critical(lock, lambda: weakref.finalize(Circle(), gone))


@right("finalisers")
def taken_again() -> Any:
    lock = threading.RLock()

    class Ending(Circle):
        def __del__(self) -> None:
            with lock:
                pass

    critical(lock, Ending)


@right("finalisers")
def only_tried() -> Any:
    lock = threading.Lock()

    class Ending(Circle):
        def __del__(self) -> None:
            if lock.acquire(blocking=False):
                lock.release()

    critical(lock, Ending)


@right("finalisers")
def put_aside() -> Any:
    lock, later = threading.Lock(), queue.SimpleQueue[int]()

    class Ending(Circle):
        def __del__(self) -> None:
            later.put(1)

    critical(lock, Ending)


@right("finalisers")
def another_lock() -> Any:
    lock, other = threading.Lock(), threading.Lock()

    class Ending(Circle):
        def __del__(self) -> None:
            with other:
                pass

    critical(lock, Ending)


@right("finalisers")
def given_up_in_time() -> Any:
    lock = threading.Lock()

    class Ending(Circle):
        def __del__(self) -> None:
            if lock.acquire(timeout=1):
                lock.release()

    critical(lock, Ending)


@pytest.mark.slow
@pytest.mark.parametrize("case", wrong_ones("finalisers"))
def test_it_is_told_and_can_be_replayed(case: Case) -> None:
    assert "finaliser under a lock: " in told(case)
    replayed(case)


@pytest.mark.parametrize("case", right_ones("finalisers"))
def test_what_does_not_wait_for_ever_is_accepted(case: Case) -> None:
    assert judged(case) is None


def test_both_places_are_named() -> None:
    report = str(explore(taken_by_a_finaliser, finalisers="fail").error)
    assert "finaliser under a lock: taken_by_a_finaliser.Ending.__del__ waits for ever for Lock `lock`" in report
    assert "which its own thread A holds" in report
    assert "A took Lock `lock` at tests/oracles/test_finalisers.py:" in report
    assert "the collector came at tests/oracles/test_finalisers.py:" in report
    assert "Ending.__del__ asks for Lock `lock` at tests/oracles/test_finalisers.py:" in report


def test_a_lock_that_was_captured_before_there_were_doubles_is_known() -> None:
    lock = real.allocate_lock()

    class Ending(Circle):
        def __del__(self) -> None:
            with lock:
                pass

    verdict = explore(lambda: critical(lock, Ending), finalisers="fail")
    assert isinstance(verdict.error, FinaliserFound)
    assert type(lock) is real.LockType
