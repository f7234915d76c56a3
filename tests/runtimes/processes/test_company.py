"""A process from before the scenario that serves it: what may come from there is waited for in real time."""

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from controlled import start_beside

from pytest_concurrency import Grade, Verdict, explore

FORK: Any = multiprocessing.get_context("fork")


def doubles(asked: Any, answered: Any) -> None:
    while (number := asked.get()) is not None:
        answered.put(2 * number)


def counts(begin: Any, done: Any, number: Any, over: Any) -> None:
    while True:
        begin.wait()
        begin.clear()
        if over.is_set():
            return
        with number.get_lock():
            number.value += 1
        done.release()


def explored(scenario: Callable[[], None]) -> Verdict:
    verdict = explore(scenario, schedules=3, seconds=30)
    assert verdict.error is None, str(verdict.error)
    assert verdict.grade in (Grade.SAMPLED, Grade.UNCONTROLLED), "it may have been there at once"
    return verdict


@pytest.fixture(params=["Queue", "SimpleQueue"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    asked, answered = (getattr(FORK, request.param)() for _ in range(2))
    process = FORK.Process(target=doubles, args=(asked, answered))
    start_beside(process)
    yield asked, answered
    asked.put(None)
    asked.close()
    if request.param == "Queue":
        asked.join_thread()
    process.join()
    assert process.exitcode == 0, "it is whole"


@pytest.fixture
def counter() -> Iterator[tuple[Any, Any, Any]]:
    begin, done, number, over = FORK.Event(), FORK.Semaphore(0), FORK.Value("i", 0), FORK.Event()
    process = FORK.Process(target=counts, args=(begin, done, number, over))
    start_beside(process)
    yield begin, done, number
    over.set()
    begin.set()
    process.join()
    assert process.exitcode == 0, "it is whole"


def test_its_answers_are_waited_for(server: tuple[Any, Any]) -> None:
    asked, answered = server

    def scenario() -> None:
        asked.put(2)
        assert answered.get() == 4

    explored(scenario)
    asked.put(3)
    assert answered.get() == 6, "afterwards, too"


@pytest.mark.parametrize("timeout", [None, 30])
def test_so_is_what_it_releases(counter: tuple[Any, Any, Any], timeout: float | None) -> None:
    begin, done, number = counter

    def scenario() -> None:
        before = number.value
        begin.set()
        assert done.acquire(timeout=timeout)
        assert number.value == before + 1

    explored(scenario)


def test_waits_give_up_when_their_time_is_over(counter: tuple[Any, Any, Any]) -> None:
    _, done, _ = counter
    empty = FORK.Queue()
    here, there = FORK.Pipe()

    def scenario() -> None:
        began = time.monotonic()
        assert not done.acquire(timeout=0.1)
        with pytest.raises(queue.Empty):
            empty.get(timeout=0.1)
        assert not there.poll(0.1)
        assert time.monotonic() - began >= 0.3
        here.send(1)
        assert there.poll(30)
        assert there.recv() == 1

    explored(scenario)


@pytest.mark.usefixtures("counter")
def test_a_deadlock_in_what_the_scenario_makes_is_one() -> None:
    def scenario() -> None:
        lock = FORK.Lock()
        lock.acquire()
        lock.acquire()

    assert str(explore(scenario)).startswith("deadlock: main waits for ever")
