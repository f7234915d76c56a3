"""A process from before the scenario that serves it: what may come from there is waited for in real time."""

import mmap
import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
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


class Shared:
    """What a process may alter though no operation shows it."""

    def __init__(self, what: str, file: Path) -> None:
        file.write_text("0")
        self._file = file
        self._what = what
        make: dict[str, Callable[[], Any]] = {
            "a value": lambda: FORK.Value("i", 0, lock=False),
            "an array": lambda: FORK.Array("i", 1, lock=False),
            "a map": lambda: mmap.mmap(-1, 1),
            "a file": lambda: None,
        }
        self._thing = make[what]()

    def read(self) -> int:
        if self._what == "a file":
            return int(self._file.read_text())
        return int(self._thing.value if self._what == "a value" else self._thing[0])

    def alter(self) -> None:
        if self._what == "a file":
            self._file.write_text("1")
        elif self._what == "a value":
            self._thing.value = 1
        else:
            self._thing[0] = 1


def alters(shared: Shared, asked: Any) -> None:
    asked.recv()
    shared.alter()


@pytest.mark.parametrize("what", ["a value", "an array", "a map", "a file"])
def test_nothing_is_proved_of_what_it_may_alter_unseen(what: str, tmp_path: Path) -> None:
    shared = Shared(what, tmp_path / "shared")
    asked, ask = FORK.Pipe(duplex=False)
    process = FORK.Process(target=alters, args=(shared, asked))
    start_beside(process)

    def scenario() -> None:
        assert shared.read() == shared.read()

    verdict = explore(scenario)
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    ask.send("alter it")
    process.join()
    assert shared.read() == 1, "it was shared"
    assert explore(scenario).grade is Grade.PROVED, "nobody is left"
