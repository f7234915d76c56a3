"""Processes under control, however they are started: a new interpreter, or the child of a server."""

import multiprocessing
from multiprocessing import forkserver
from typing import Any

import pytest

from pytest_concurrency import DeadlockFound, Grade, RaceFound, Verdict, explore
from pytest_concurrency._runtimes.processes.joining import children

pytestmark = pytest.mark.slow
METHODS = ("spawn", "forkserver")


@pytest.fixture(scope="module", autouse=True)
def servers() -> None:
    """Start what multiprocessing keeps for as long as a process lives."""
    forkserver.ensure_running()


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert children() == set()


@pytest.fixture(params=METHODS)
def context(request: pytest.FixtureRequest) -> Any:
    return multiprocessing.get_context(request.param)


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
    processes = [context.Process(name=name, target=target, args=arguments) for name in ("first", "second")]
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


def lost_update(context: Any) -> Any:
    def scenario() -> None:
        lock, total = context.Lock(), context.Value("i", 0, lock=False)
        two(context, add_in_two_periods, lock, total)
        assert total.value == 2, f"{total.value} of 2"

    return scenario


def cross(first: Any, second: Any) -> None:
    with first, second:
        pass


def deadlock(context: Any) -> Any:
    def scenario() -> None:
        left = context.Lock()
        right = context.Lock()
        pairs = {"first": (left, right), "second": (right, left)}
        processes = [context.Process(name=name, target=cross, args=pair) for name, pair in pairs.items()]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    return scenario


@pytest.mark.parametrize(("make", "error"), [(lost_update, RaceFound), (deadlock, DeadlockFound)])
def test_what_is_found_by_fork_is_replayed_and_told_alike(context: Any, make: Any, error: type[Exception]) -> None:
    found = tried(make(multiprocessing.get_context("fork")))
    assert type(found.error) is error
    again = tried(make(context), replay=found.replay)
    assert str(again.error) == str(found.error)


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
