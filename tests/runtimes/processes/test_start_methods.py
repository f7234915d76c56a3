"""Processes under control, however they are started: a new interpreter, or the child of a server."""

import multiprocessing
import re
from typing import Any

import pytest

from pytest_concurrency import DeadlockFound, Grade, RaceFound, Verdict, explore
from pytest_concurrency._runtimes.processes.joining import children

pytestmark = pytest.mark.slow
METHODS = ("spawn", "forkserver")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert children() == set()


@pytest.fixture(params=METHODS)
def context(request: pytest.FixtureRequest) -> Any:
    return multiprocessing.get_context(request.param)


@pytest.fixture
def spawn() -> Any:
    return multiprocessing.get_context("spawn")


def tried(scenario: Any, **settings: Any) -> Verdict:
    return explore(scenario, **{"watch": [__name__], "seconds": 60.0, "races": "ignore", **settings})


def add_in_one_period(lock: Any, total: Any) -> None:
    with lock:
        total.value += 1


def add_in_two_periods(lock: Any, total: Any) -> None:
    with lock:
        seen = total.value
    with lock:
        total.value = seen + 1


def two(context: Any, target: Any, *arguments: Any) -> None:
    processes = [context.Process(target=target, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def test_one_critical_section_is_proved_right(context: Any) -> None:
    def scenario() -> int:
        lock, total = context.Lock(), context.Value("i", 0, lock=False)
        two(context, add_in_one_period, lock, total)
        return int(total.value)

    verdict = tried(scenario, strategy="dpor")
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.PROVED, {"2"})
    assert verdict.schedules <= 13


def test_a_lost_update_is_found_and_replayed(spawn: Any) -> None:
    def scenario() -> None:
        lock, total = spawn.Lock(), spawn.Value("i", 0, lock=False)
        two(spawn, add_in_two_periods, lock, total)
        assert total.value == 2, f"{total.value} of 2"

    verdict = tried(scenario)
    assert type(verdict.error) is RaceFound
    told = str(verdict.error)
    assert re.search(r"^  main Process-1 Process-2$", told, re.MULTILINE)
    assert re.search(r"^  \.    \*         \. +test_start_methods\.py:\d+  seen = total\.value$", told, re.MULTILINE)
    assert str(tried(scenario, replay=verdict.replay).error) == told


def talk(end: Any, queue: Any, items: Any, late: Any) -> None:
    end.send(end.recv() + items[0])
    end.close()
    queue.put(items[1])
    late.wait()


def test_pipes_queues_arrays_and_events_travel(context: Any) -> None:
    def scenario() -> tuple[int, int]:
        here, there = context.Pipe()
        queue, items, late = context.Queue(), context.Array("i", [20, 3]), context.Event()
        process = context.Process(target=talk, args=(there, queue, items, late))
        process.start()
        there.close()
        here.send(1)
        got = here.recv(), queue.get()
        late.set()
        process.join()
        return got

    assert set(tried(scenario, schedules=2).outcomes) == {"(21, 3)"}


def cross(first: Any, second: Any) -> None:
    with first, second:
        pass


def test_a_deadlock_names_who_holds_what(spawn: Any) -> None:
    def scenario() -> None:
        left = spawn.Lock()
        right = spawn.Lock()
        processes = [spawn.Process(target=cross, args=pair) for pair in ((left, right), (right, left))]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    verdict = tried(scenario)
    assert type(verdict.error) is DeadlockFound
    assert re.search(r"waits in Lock\.acquire on Lock `right`\n +held by \w+Process-2\n", str(verdict.error))
