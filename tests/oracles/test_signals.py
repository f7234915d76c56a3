"""Signal handlers that take a lock which the main thread may hold are found without a signal; others are not blamed."""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import DeadlockFound, explore


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Give every signal its handler back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Journal:
    """What is written down under a lock, by whatever kind."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        with self.lock:
            self.lines.append(line)

    def close(self, _number: int, _frame: Any) -> None:
        self.write("closed")

    def close_at_once(self, _number: int, _frame: Any) -> None:
        self.lock.acquire()
        self.lines.append("closed")
        self.lock.release()

    def close_if_free(self, _number: int, _frame: Any) -> None:
        if self.lock.acquire(blocking=False):
            self.lock.release()

    def close_in_time(self, _number: int, _frame: Any) -> None:
        if self.lock.acquire(timeout=1):
            self.lock.release()

    def close_later(self, _number: int, _frame: Any) -> None:
        self.lines.append("to be closed")


def written(journal: Journal, handler: Any) -> None:
    signal.signal(signal.SIGTERM, handler)
    other = threading.Thread(target=journal.write, args=("a",))
    other.start()
    journal.write("b")
    other.join()


def by_a_method() -> None:
    journal = Journal(threading.Lock())
    written(journal, journal.close)


def by_hand() -> None:
    journal = Journal(threading.Lock())
    written(journal, journal.close_at_once)


def by_a_function() -> None:
    journal = Journal(threading.Lock())
    lock = journal.lock

    def close(_number: int, _frame: Any) -> None:
        with lock:
            pass

    written(journal, close)


@pytest.mark.parametrize("scenario", [by_a_method, by_hand, by_a_function], ids=lambda each: each.__name__)
def test_it_is_found_by_default_with_both_places(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, schedules=20)
    assert isinstance(verdict.error, DeadlockFound), str(verdict)
    text = str(verdict)
    assert "the handler of SIGTERM waits for ever for Lock" in text
    assert "main holds Lock" in text
    assert "the handler takes it at tests/oracles/test_signals.py:" in text


def taken_again() -> None:
    journal = Journal(threading.RLock())
    written(journal, journal.close)


def tried() -> None:
    journal = Journal(threading.Lock())
    written(journal, journal.close_if_free)


def given_up_in_time() -> None:
    journal = Journal(threading.Lock())
    written(journal, journal.close_in_time)


def noted() -> None:
    journal = Journal(threading.Lock())
    written(journal, journal.close_later)


def an_event() -> None:
    journal, done = Journal(threading.Lock()), threading.Event()
    written(journal, lambda *_: done.set())


def held_by_others_only() -> None:
    journal = Journal(threading.Lock())
    signal.signal(signal.SIGTERM, journal.close)
    together(lambda: journal.write("a"), lambda: journal.write("b"))


def another_lock() -> None:
    journal, other = Journal(threading.Lock()), Journal(threading.Lock())
    written(journal, other.close)


RIGHT = [taken_again, tried, given_up_in_time, noted, an_event, held_by_others_only, another_lock]


@pytest.mark.parametrize("scenario", RIGHT, ids=lambda each: each.__name__)
def test_a_handler_that_can_always_go_on_is_not_blamed(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, schedules=20)
    assert verdict.error is None, str(verdict)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def comes_while_main_waits_for_its_turn() -> None:
    """A signal may come while main is in the midst of `get`, which holds the queue's own lock."""
    items: queue.Queue[int] = queue.Queue()
    signal.signal(signal.SIGTERM, lambda *_: items.put(1))
    other = threading.Thread(target=kill)
    other.start()
    items.get(timeout=5)
    other.join()


def comes_while_main_holds() -> None:
    journal = Journal(threading.Lock())
    signal.signal(signal.SIGTERM, journal.close)
    other = threading.Thread(target=kill)
    other.start()
    journal.write("a")
    other.join()


def comes_at_once() -> None:
    lock = threading.Lock()
    signal.signal(signal.SIGTERM, lambda *_: lock.acquire())
    with lock:
        kill()


@pytest.mark.parametrize(
    "scenario",
    [comes_while_main_waits_for_its_turn, comes_while_main_holds, comes_at_once],
    ids=lambda each: each.__name__,
)
def test_one_that_has_come_is_a_deadlock_and_has_its_own_cause(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, schedules=20)
    assert isinstance(verdict.error, DeadlockFound), str(verdict)
    text = " ".join(str(verdict).split())
    assert "deadlock: main waits for ever" in text
    assert "held by main" in text
    assert "main waits in a signal's handler for what it holds itself: let handlers take no lock" in text
    again = explore(scenario, replay=verdict.replay)
    assert isinstance(again.error, DeadlockFound), str(again)


def comes_while_another_holds() -> None:
    journal, begun = Journal(threading.Lock()), threading.Event()
    signal.signal(signal.SIGTERM, journal.close)

    def write() -> None:
        with journal.lock:
            begun.set()
        kill()

    other = threading.Thread(target=write)
    other.start()
    begun.wait()
    other.join()
    assert journal.lines == ["closed"]


def comes_to_one_that_gives_up() -> None:
    journal = Journal(threading.Lock())
    signal.signal(signal.SIGTERM, lambda *_: journal.lock.acquire(timeout=0.01) and journal.lock.release())
    other = threading.Thread(target=kill)
    other.start()
    with journal.lock:
        threading.Event().wait(1)
    other.join()


def sets_an_event() -> None:
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    other = threading.Thread(target=kill)
    other.start()
    assert done.wait(5)
    other.join()
    assert done.is_set()
    done.clear()
    done.set()


def sets_an_event_that_is_being_set() -> None:
    done, seen = threading.Event(), []
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    others = [threading.Thread(target=each) for each in (kill, lambda: seen.append(done.wait(5)))]
    for each in others:
        each.start()
    done.set()
    for each in others:
        each.join()
    assert seen == [True]


@pytest.mark.parametrize(
    "scenario",
    [sets_an_event, sets_an_event_that_is_being_set, comes_while_another_holds, comes_to_one_that_gives_up],
    ids=lambda each: each.__name__,
)
def test_one_that_has_come_and_goes_on_is_not_blamed(scenario: Callable[[], None]) -> None:
    verdict = explore(scenario, schedules=20)
    assert verdict.error is None, str(verdict)


def test_one_that_lets_main_go_on_is_named() -> None:
    verdict = explore(sets_an_event, schedules=3)
    assert str(verdict) == (
        "uncontrolled: main waited outside the engine's control: the handler of a signal lets main go on"
    )
